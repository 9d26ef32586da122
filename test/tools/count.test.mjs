// What ./dev test makes of what its runners say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  closingLine,
  countLine,
  countNode,
  countPlaywright,
  playwrightFailures,
  countVitest,
  settle,
  sum,
} from '../../tools/lib/count.mjs'

test('The last closing line counts.', () => {
  assert.deepEqual(countLine('1 passed, 0 failed\nnoise\n5 passed, 2 failed, 1 skipped\n'), {
    passed: 5,
    failed: 2,
    skipped: 1,
  })
  assert.deepEqual(countLine('7 passed, 0 failed'), { passed: 7, failed: 0, skipped: 0 })
  assert.equal(countLine('all 7 passed, 0 failed tests'), null)
})

test('Reports of other runners are read.', () => {
  assert.deepEqual(countNode('# tests 3\n# pass 2\n# fail 1\n# skipped 0\n'), {
    passed: 2,
    failed: 1,
    skipped: 0,
  })
  assert.deepEqual(
    countVitest({
      success: true,
      numPassedTests: 4,
      numFailedTests: 0,
      numPendingTests: 1,
      numTodoTests: 0,
    }),
    { passed: 4, failed: 0, skipped: 1 },
  )
  assert.deepEqual(
    countPlaywright({ stats: { expected: 3, unexpected: 0, flaky: 1, skipped: 2 }, errors: [] }),
    { passed: 4, failed: 0, skipped: 2 },
  )
})

test('A suite that could not even be loaded is a failure.', () => {
  assert.equal(
    countVitest({
      success: false,
      numPassedTests: 4,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
    }).failed,
    1,
  )
})

test('A bad end is a failure, whatever was counted.', () => {
  assert.deepEqual(settle(null, 0), { passed: 1, failed: 0, skipped: 0 })
  assert.deepEqual(settle(null, 'SIGSEGV'), { passed: 0, failed: 1, skipped: 0 })
  assert.deepEqual(settle({ passed: 5, failed: 0, skipped: 0 }, 'late'), {
    passed: 5,
    failed: 1,
    skipped: 0,
  })
  assert.deepEqual(settle({ passed: 5, failed: 3, skipped: 0 }, 1), {
    passed: 5,
    failed: 3,
    skipped: 0,
  })
})

test('The closing line sums up, and names skipped ones only if there are any.', () => {
  const total = sum([
    { passed: 1, failed: 2, skipped: 0 },
    { passed: 10, failed: 0, skipped: 0 },
  ])
  assert.equal(closingLine(total), '11 passed, 2 failed')
  assert.equal(closingLine({ ...total, skipped: 3 }), '11 passed, 2 failed, 3 skipped')
})

test('a failed journey is named with its error, a second try that passed is not', () => {
  const spec = (title, status, message) => ({
    title,
    file: 'a.spec.ts',
    line: 7,
    tests: [{ status, results: [{ errors: [{ message }] }] }],
  })
  const suites = [
    { suites: [{ specs: [spec('breaks', 'unexpected', '\u001b[31mwhat\u001b[39m\nwhy')] }] },
  ]
  suites[0].specs = [spec('shaky', 'flaky', 'once')]
  const text = playwrightFailures({ suites })
  assert.equal(text, 'a.spec.ts:7 breaks\nwhat\nwhy')
})
