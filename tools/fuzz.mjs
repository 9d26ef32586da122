// fuzz.mjs [NAME] [SECONDS]: builds the fuzzers and runs them, two at a time.
import { inParallel } from './lib/run.mjs'
import { buildFuzzers, fuzzers, runFuzzer } from './lib/fuzz.mjs'
import { closingLine, settle, sum } from './lib/count.mjs'

const words = process.argv.slice(2)
const seconds = +(words.find((word) => /^\d+$/.test(word)) ?? 30)
const name = words.find((word) => !/^\d+$/.test(word))
const wanted = fuzzers().filter((fuzzer) => !name || fuzzer === name)
if (!wanted.length) {
  console.error(`there is no fuzzer ${name ?? ''}; there are: ${fuzzers().join(' ')}`)
  process.exit(2)
}
const build = await buildFuzzers()
if (build.status !== 0) {
  console.error(build.text.slice(-4000))
  process.exit(1)
}
const counts = await inParallel(wanted, 2, async (fuzzer) => {
  const result = await runFuzzer(fuzzer, seconds)
  console.log(`${fuzzer}: ${result.says}`)
  if (result.status !== 0) console.log(result.text.slice(-4000))
  return settle(null, result.status)
})
const total = sum(counts)
console.log(closingLine(total))
process.exit(total.failed ? 1 : 0)
