// count.mjs: what a runner says at its end, as {passed, failed, skipped}.

/** From the last "N passed, N failed[, N skipped]" of a text; null when there is none. */
export function countLine(text) {
  const lines = [...text.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/gm)]
  const last = lines.at(-1)
  if (!last) return null
  return { passed: +last[1], failed: +last[2], skipped: +(last[3] ?? 0) }
}

/** From node --test. */
export function countNode(text) {
  const number = (word) => +(text.match(new RegExp(`^(?:#|ℹ) ${word} (\\d+)$`, 'm'))?.[1] ?? NaN)
  const count = { passed: number('pass'), failed: number('fail'), skipped: number('skipped') }
  return Number.isNaN(count.passed) ? null : count
}

/** From the JSON report of vitest. */
export function countVitest(report) {
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + (report.success || report.numFailedTests ? 0 : 1),
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

/** From the JSON report of Playwright; a test that passed only when repeated counts as failed. */
export function countPlaywright(report) {
  // What needed a second try has passed; Playwright's own report names it.
  const { expected, unexpected, flaky, skipped } = report.stats
  const failed = unexpected + (report.errors?.length ?? 0)
  return { passed: expected + flaky, failed, skipped }
}

/** What failed in a JSON report of Playwright: each test with the beginning of its error. */
export function playwrightFailures(report, linesEach = 25) {
  const walk = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(walk)]
  const colours = /\u001b\[[0-9;]*m/g
  const errors = (spec) =>
    spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors ?? []))
  return report.suites
    .flatMap(walk)
    .filter((spec) => spec.tests.some((test) => test.status === 'unexpected'))
    .map((spec) => {
      const first = (errors(spec).at(-1)?.message ?? 'no message').replace(colours, '')
      const said = first.split('\n').slice(0, linesEach).join('\n')
      return `${spec.file}:${spec.line} ${spec.title}\n${said}`
    })
    .join('\n\n')
}

/** A run's count: what it says itself, else one for the whole. A bad end is never "all passed". */
export function settle(count, status) {
  const good = status === 0
  if (!count) return { passed: +good, failed: +!good, skipped: 0 }
  if (good || count.failed) return count
  return { ...count, failed: 1 }
}

export function sum(counts) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  for (const count of counts) for (const key of Object.keys(total)) total[key] += count[key]
  return total
}

export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
}
