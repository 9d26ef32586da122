// ./dev as somebody meets it who has never seen it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const dev = (...args) => spawnSync('./dev', args, { encoding: 'utf8' })

test('Alone it prints its commands.', () => {
  const { status, stdout } = dev()
  assert.equal(status, 0)
  for (const command of [
    'run',
    'test',
    'check',
    'bench',
    'fuzz',
    'sim',
    'crash',
    'web',
    'fmt',
    'clean',
  ])
    assert.match(stdout, new RegExp(`^  ${command}\\b`, 'm'))
})

test('An unknown command is refused, with the commands there are.', () => {
  const { status, stderr } = dev('frobnicate')
  assert.equal(status, 1)
  assert.match(stderr, /there is no command "frobnicate"/)
  assert.match(stderr, /^ {2}run\b/m)
})

test('An unknown stage is refused, with the stages there are.', () => {
  const { status, stderr } = spawnSync('node', ['tools/test.mjs', 'frobnicate'], {
    encoding: 'utf8',
  })
  assert.equal(status, 2)
  assert.match(stderr, /there is no stage frobnicate; there are: format tidy/)
})
