// stages.mjs: what ./dev test consists of. A stage runs to a list of parts {name, count, text}. A
// stage that finds nothing to test fails: an empty stage must never look like a good one.
import { readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import {
  countLine,
  countNode,
  countPlaywright,
  countVitest,
  playwrightFailures,
  settle,
} from './count.mjs'
import { checkSizes } from './budget.mjs'
import { buildFuzzers, fuzzers, runFuzzer } from './fuzz.mjs'
import { tidyClang } from './clang_tidy.mjs'
import { BUILD, LOGS, inParallel, run } from './run.mjs'
import { glob } from './glob.mjs'

const WIDTH = Math.max(1, cpus().length)
const FUZZ_SECONDS = +(process.env.INVIGIL_FUZZ_SECONDS ?? 10)
const KILLS = +(process.env.INVIGIL_KILLS ?? 200)
const SIM_SEEDS = +(process.env.INVIGIL_SIM_SEEDS ?? 10000)

const debug = join(BUILD, 'debug')
const clang = join(BUILD, 'debug-clang')
const release = join(BUILD, 'release')

const nothing = (name, what) => [
  { name, count: { passed: 0, failed: 1, skipped: 0 }, text: `there is no ${what}` },
]

/** One command as one part; read(result) finds its own count, if it has one. */
async function part(name, command, args, { read = () => null, ...options } = {}) {
  const result = await run(name, command, args, options)
  const late = result.status === 'late' ? `\n${command} took too long and was ended\n` : ''
  let count = null
  try {
    count = read(result)
  } catch (error) {
    result.text += `\nthe report cannot be read: ${error.message}\n`
  }
  return { name, count: settle(count, result.status), text: result.text + late }
}

const make = (name, args, options) =>
  part(name, 'make', ['--output-sync=target', '--keep-going', `-j${WIDTH}`, ...args], options)

const readJson = (file, count) => () => count(JSON.parse(readFileSync(file, 'utf8')))

async function unitTests(build) {
  const programs = glob('test/*/*_test.c').map((file) => file.slice('test/'.length, -'.c'.length))
  if (!programs.length) return nothing('unit', 'unit test')
  return inParallel(programs, WIDTH, (program) =>
    part(`unit-${program}`, join(build, 'test', program), [], {
      read: ({ text }) => countLine(text),
      limitSeconds: program.startsWith('sweep/') ? 600 : 180,
      env: { ASAN_OPTIONS: 'detect_leaks=1:abort_on_error=0', UBSAN_OPTIONS: 'print_stacktrace=1' },
    }),
  )
}

async function toolTests() {
  const files = [...glob('test/tools/*.test.mjs'), ...glob('test/tidy*.test.mjs')]
  if (!files.length) return nothing('tools', 'test of the tools')
  return [
    await part('tools', 'node', ['--test', '--test-reporter=tap', ...files], {
      read: ({ text }) => countNode(text),
    }),
  ]
}

async function fuzzing() {
  if (!fuzzers().length) return nothing('fuzz', 'fuzzer')
  const build = await buildFuzzers()
  if (build.status !== 0) return [{ name: 'fuzz-build', count: settle(null, 1), text: build.text }]
  return inParallel(fuzzers(), WIDTH, async (name) => {
    const result = await runFuzzer(name, FUZZ_SECONDS)
    return { name: `fuzz-${name}`, count: settle(null, result.status), text: result.text }
  })
}

async function simulator() {
  if (!glob('sim/*.c').length) return nothing('sim', 'simulator')
  return [
    await part('sim', 'node', ['tools/sim.mjs', '--seeds', `${SIM_SEEDS}`], {
      read: ({ text }) => countLine(text),
    }),
  ]
}

async function crashes() {
  const args = ['tools/crash.mjs', '--kills', `${KILLS}`]
  return [await part('crash', 'node', args, { read: ({ text }) => countLine(text) })]
}

async function webUnits() {
  if (!glob('web/**/*.test.ts').length && !glob('test/web/**/*.test.ts').length)
    return nothing('web', 'unit test of the browser side')
  const report = join(LOGS, 'vitest.json')
  return [
    await part(
      'vitest',
      'node_modules/.bin/vitest',
      [
        'run',
        '--config',
        'web/vite.config.ts',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=../${report}`,
      ],
      { read: readJson(report, countVitest), limitSeconds: 180 },
    ),
  ]
}

const types = async () => [
  await make('web-gen', ['gen']),
  await part('tsc', 'node_modules/.bin/tsc', ['-p', 'web']),
  await part('tsc-workers', 'node_modules/.bin/tsc', ['-p', 'web/tsconfig.worker.json']),
]

async function journeys() {
  if (!glob('test/web/**/*.spec.ts').length) return nothing('journeys', 'journey')
  const report = 'build/journeys.json'
  return [
    await part('journeys', 'node_modules/.bin/playwright', ['test'], {
      read: (result) => {
        const said = JSON.parse(readFileSync(report, 'utf8'))
        result.text = playwrightFailures(said) || result.text
        return countPlaywright(said)
      },
      limitSeconds: 2400,
      env: { INVIGIL: join(process.cwd(), release, 'invigil'), CI: '1' },
    }),
  ]
}

/** The program answers for itself: help, version, and a manual page without mistakes. */
async function program() {
  const bin = join(release, 'invigil')
  const parts = [await part('help', bin, ['--help']), await part('version', bin, ['--version'])]
  const pages = glob('man/*.1')
  if (!pages.length) return [...parts, ...nothing('man', 'manual page')]
  const check = 'w=$(man --warnings -l -Tutf8 -Z "$0" 2>&1 >/dev/null); echo "$w"; [ -z "$w" ]'
  for (const page of pages) parts.push(await part('man', 'sh', ['-c', check, page]))
  return parts
}

async function budgets() {
  const build = await make('web-build', ['web'])
  return build.count.failed ? [build] : [build, ...checkSizes()]
}

export const stages = [
  {
    name: 'format',
    what: 'clang-format and Prettier would change nothing',
    quick: true,
    run: async () => [await part('format', 'node', ['tools/format.mjs'])],
  },
  {
    name: 'tidy',
    what: 'the rules of the house',
    quick: true,
    run: async () => [
      await part('tidy', 'node', ['test/tidy.mjs'], { read: ({ text }) => countLine(text) }),
    ],
  },
  { name: 'tools', what: 'tests of the tools themselves', quick: true, run: toolTests },
  // The pages come before the program, which has them inside.
  { name: 'types', what: 'TypeScript', quick: true, run: types },
  { name: 'web', what: 'unit tests of the browser side', quick: true, run: webUnits },
  { name: 'budget', what: 'the pages build, and stay small', quick: true, run: budgets },
  {
    name: 'gcc',
    what: 'everything with gcc, ASan and UBSan, warnings are errors',
    quick: true,
    run: async () => [await make('gcc', [`B=${debug}`, 'rooms', 'tests'])],
  },
  {
    name: 'purity',
    what: 'the core needs nothing from outside',
    quick: true,
    run: async () => [
      await part('purity', 'node', ['test/tidy.mjs', '--objects', debug], {
        read: ({ text }) => countLine(text),
      }),
    ],
  },
  { name: 'unit', what: 'C tests', quick: true, run: () => unitTests(debug) },
  {
    name: 'clang',
    what: 'everything with clang',
    run: async () => [await make('clang', ['CC=clang', `B=${clang}`, 'rooms', 'tests'])],
  },
  { name: 'clang-tidy', what: 'mistakes that a reader overlooks', run: () => tidyClang(WIDTH) },
  {
    name: 'release',
    what: 'the program itself',
    run: async () => [
      await make('release', ['MODE=release', `B=${release}`, 'bin', 'benches', 'real']),
    ],
  },
  { name: 'program', what: 'help, version and manual page', run: program },
  { name: 'sim', what: `${SIM_SEEDS} simulated exams with faults`, run: simulator },
  {
    name: 'crash',
    what: `the real program ended ${KILLS} times under load, stopped, and misled about the time`,
    run: crashes,
  },
  { name: 'fuzz', what: `each parser on random bytes for ${FUZZ_SECONDS} s`, run: fuzzing },
  { name: 'journeys', what: 'people in real browsers on the real program', run: journeys },
]
