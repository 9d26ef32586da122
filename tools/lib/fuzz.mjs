// fuzz.mjs: one run of one libFuzzer program. What it learns stays below the build folder; what
// crashes it lies in build/fuzz/NAME-found and belongs into fuzz/found/NAME, where every later run
// (and so ./dev test) starts with it.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD, run } from './run.mjs'

const FUZZ_BUILD = join(BUILD, 'fuzz-clang')

export const fuzzers = () =>
  readdirSync('fuzz')
    .filter((file) => file.endsWith('.c'))
    .map((file) => file.slice(0, -2))

export const buildFuzzers = () =>
  run('fuzz-build', 'make', ['-j2', 'MODE=fuzz', 'CC=clang', `B=${FUZZ_BUILD}`, 'fuzzers'])

export async function runFuzzer(name, seconds) {
  const short = name.replace(/_fuzz$/, '')
  const learned = join(BUILD, 'fuzz', short)
  const found = join(BUILD, 'fuzz', `${short}-found`)
  for (const dir of [learned, found]) mkdirSync(dir, { recursive: true })
  const seeds = ['corpus', 'found']
    .flatMap((kind) => [...new Set([short, name])].map((dir) => join('fuzz', kind, dir)))
    .filter((dir) => existsSync(dir))
  const result = await run(
    `fuzz-${short}`,
    join(FUZZ_BUILD, 'fuzz', name),
    [
      `-max_total_time=${seconds}`,
      `-artifact_prefix=${found}/`,
      '-timeout=10',
      '-rss_limit_mb=2048',
      '-print_final_stats=1',
      '-verbosity=0',
      learned,
      ...seeds,
    ],
    { limitSeconds: seconds + 60 },
  )
  const runs = result.text.match(/number_of_executed_units: (\d+)/)?.[1] ?? '0'
  const says = result.status === 0 ? `${runs} inputs, no finding` : `a finding: see ${found}`
  return { ...result, says }
}
