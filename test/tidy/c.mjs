// c.mjs: rules for C: who may include what, sizes, calls that are not used here.
import { bareC, findLines } from './repo.mjs'

const SOURCE = /^src\/.*\.[ch]$/
const ALL_C = /^(src|test|sim|fuzz|bench|tools)\/.*\.[ch]$/

const FILE_LINES_MAX = 700
const FUNCTION_LINES_MAX = 70
const FUNCTION_LINES_MEDIAN = 15
const FUNCTION_LINES_90 = 40

/** Foreign headers and the rooms that alone may use them. */
const FOREIGN = [
  [/^(uv|llhttp\/\w+|wslay\/\w+)\.h$/, ['net']],
  [/^openssl\/(ssl|bio|x509\w*|pem|tls1)\.h$/, ['net']],
  [/^(sqlite3|libpq-fe|postgresql\/.*)\.h$/, ['store']],
  [/^(openssl\/.+|sodium(\/.+)?)\.h$/, ['seal', 'net']],
  [/^jansson\.h$/, ['http', 'link']],
  [/^(libxml\/.+|md4c(-html)?)\.h$/, ['link']],
  [/^curl\/.+\.h$/, ['link', 'app']],
]

/** All that the pure core includes from the C library. */
const CORE_HEADERS = new Set([
  'string.h',
  'stddef.h',
  'stdint.h',
  'stdbool.h',
  'stdalign.h',
  'math.h',
])

const BANNED = {
  strcpy: 'use a Span and memcpy',
  strcat: 'use a Buf',
  strncpy: 'use a Span and memcpy',
  sprintf: 'use snprintf or buf_print',
  vsprintf: 'use vsnprintf',
  gets: 'use fgets',
  strtok: 'use text_cut',
  atoi: 'use text_to_i64',
  atol: 'use text_to_i64',
  atof: 'use text_to_double',
  alloca: 'use an arena',
  system: 'start programs with posix_spawn and a list of arguments',
  popen: 'start programs with posix_spawn and a list of arguments',
  tmpnam: 'use mkstemp',
  mktemp: 'use mkstemp',
  asctime: 'use date_text',
  ctime: 'use date_text',
  localtime: 'use date_text; instants are UTC',
  gmtime: 'use date_text',
  rand: 'take randomness from seal, or a seed',
  srand: 'take randomness from seal, or a seed',
}

const roomOf = (file) => file.split('/')[1]

function includes(repo, file) {
  return repo.lines(file).flatMap((line, i) => {
    const found = line.match(/^\s*#\s*include\s+(["<])([^">]+)[">]/)
    return found ? [{ line: i + 1, own: found[1] === '"', path: found[2] }] : []
  })
}

function floorOf(repo, file, { line, path }) {
  const room = roomOf(file)
  const first = path.split('/')[0]
  if (first === 'schema')
    return repo.has(path) ? [] : [{ file, line, what: `${path} does not exist` }]
  if (!repo.has(`src/${path}`))
    return [{ file, line, what: `"${path}" is not there; write it from src/ as "room/file.h"` }]
  const allowed = repo.rooms.get(room) ?? repo.rooms.get('core') ?? new Set()
  if (first === room || allowed.has(first)) return []
  const may = [...allowed].join(' ')
  const what = `${room} may not include ${path}: it may include ${may}; turn the arrow round or move the code`
  return [{ file, line, what }]
}

function floors(repo) {
  return repo.of(SOURCE).flatMap((file) =>
    includes(repo, file)
      .filter((include) => include.own)
      .flatMap((include) => floorOf(repo, file, include)),
  )
}

function circles(repo) {
  const next = (file) =>
    includes(repo, file)
      .filter((include) => include.own && repo.has(`src/${include.path}`))
      .map((include) => ({ to: `src/${include.path}`, line: include.line }))
  const findings = []
  const done = new Set()
  const visit = (file, path) => {
    for (const { to, line } of next(file)) {
      const at = path.indexOf(to)
      if (at >= 0) {
        const round = [...path.slice(at), to].join(' -> ')
        findings.push({ file, line, what: `includes run in a circle: ${round}; take one out` })
      } else if (!done.has(to)) visit(to, [...path, to])
    }
    done.add(file)
  }
  for (const file of repo.of(SOURCE)) if (!done.has(file)) visit(file, [file])
  return findings
}

function foreign(repo) {
  return repo.of(SOURCE).flatMap((file) =>
    includes(repo, file)
      .filter((include) => !include.own)
      .flatMap(({ line, path }) => {
        const room = roomOf(file)
        const pure = ['core', 'wire', 'sense', 'wasm'].includes(room)
        if (room === 'core' && !CORE_HEADERS.has(path))
          return [
            { file, line, what: `the pure core may not include <${path}>; hand in what it needs` },
          ]
        const row = FOREIGN.find(([pattern]) => pattern.test(path))
        if (!row || (row[1].includes(room) && !pure)) return []
        return [
          {
            file,
            line,
            what: `<${path}> belongs to ${row[1].join(' and ')}; go through its header`,
          },
        ]
      }),
  )
}

function banned(repo) {
  const pattern = new RegExp(`(?<![\\w.>])(${Object.keys(BANNED).join('|')})\\s*\\(`)
  return findLines(repo, repo.of(ALL_C), pattern, ([, name]) => `${name}: ${BANNED[name]}`, bareC)
}

/** Prefixes of enum members that a schema row makes: "#define I(...) ITEM_##name = id" in an enum. */
function schemaPrefixes(repo) {
  const prefixes = new Set()
  for (const file of repo.of(/^src\/.*\.h$/))
    for (const [body] of repo.text(file).matchAll(/enum\b[^;{]*\{[\s\S]*?\}/g))
      if (body.includes('schema/'))
        for (const [, prefix] of body.matchAll(/\b([A-Z]+_)##\w+/g)) prefixes.add(prefix)
  return [...prefixes]
}

function switchesOf(text) {
  const found = []
  for (const start of text.matchAll(/\bswitch\s*\([^{]*\{/g)) {
    let depth = 1
    let end = start.index + start[0].length
    while (depth && end < text.length) depth += { '{': 1, '}': -1 }[text[end++]] ?? 0
    found.push({ from: start.index, body: text.slice(start.index, end) })
  }
  return found
}

function defaults(repo) {
  const prefixes = schemaPrefixes(repo)
  if (!prefixes.length) return []
  const row = new RegExp(`\\bcase (${prefixes.join('|')})`)
  return repo.of(SOURCE).flatMap((file) => {
    const text = bareC(repo.text(file))
    return switchesOf(text)
      .filter(({ body }) => row.test(body) && /\bdefault\s*:/.test(body))
      .map(({ from, body }) => ({
        file,
        line: text.slice(0, from + body.search(/\bdefault\s*:/)).split('\n').length,
        what: 'a switch over rows of the schema has a default: name every row, so that the compiler finds the new one',
      }))
  })
}

/** Function bodies of code in our form: from a "{" alone on its line to the "}" below it. */
export function functionsOf(lines) {
  const found = []
  let from = -1
  lines.forEach((line, i) => {
    if (line === '{' && !/[;=]\s*$/.test(lines[i - 1] ?? '')) from = i
    if (/^\}/.test(line) && from >= 0) {
      found.push({ line: from + 1, length: i - from + 1 })
      from = -1
    }
  })
  return found
}

function longFunctions(repo) {
  return repo.of(ALL_C).flatMap((file) =>
    functionsOf(repo.lines(file))
      .filter(({ length }) => length > FUNCTION_LINES_MAX)
      .map(({ line, length }) => ({
        file,
        line,
        what: `a function of ${length} lines; at most ${FUNCTION_LINES_MAX}: cut it where a comment would stand`,
      })),
  )
}

function usualFunctions(repo) {
  const lengths = repo
    .of(SOURCE)
    .flatMap((file) => functionsOf(repo.lines(file)).map(({ length }) => length))
    .sort((a, b) => a - b)
  const at = (share) => lengths[Math.floor(lengths.length * share)] ?? 0
  const say = (what, have, most) =>
    have > most
      ? [{ file: 'src', line: 1, what: `${what} function has ${have} lines, at most ${most}` }]
      : []
  return [
    ...say('the median', at(0.5), FUNCTION_LINES_MEDIAN),
    ...say('the 90th percentile', at(0.9), FUNCTION_LINES_90),
  ]
}

function longFiles(repo) {
  return repo
    .of(/\.(c|h|ts|tsx|mjs|css)$/)
    .filter((file) => repo.lines(file).length > FILE_LINES_MAX + 1)
    .map((file) => ({
      file,
      line: FILE_LINES_MAX,
      what: `${repo.lines(file).length - 1} lines; at most ${FILE_LINES_MAX}: split it by what it knows`,
    }))
}

function headerHeads(repo) {
  return repo
    .of(/^src\/.*\.h$/)
    .filter((file) => !repo.text(file).startsWith(`/* ${file.split('/').at(-1)} - `))
    .map((file) => ({
      file,
      line: 1,
      what: `begin with "/* ${file.split('/').at(-1)} - " and what it knows and must not know`,
    }))
}

function deadHeaders(repo) {
  const used = new Set(
    repo.of(/\.[ch]$/).flatMap((file) => includes(repo, file).map((include) => include.path)),
  )
  return repo
    .of(/^src\/.*\.h$/)
    .filter((file) => !used.has(file.slice('src/'.length)) && !used.has(file.split('/').at(-1)))
    .map((file) => ({ file, line: 1, what: 'nothing includes this header; delete it' }))
}

export const cRules = [
  { name: 'includes run down the floors', check: floors },
  { name: 'includes do not run in circles', check: circles },
  { name: 'each library is in one room', check: foreign },
  { name: 'no banned calls', check: banned },
  { name: 'no default in a switch over the schema', check: defaults },
  { name: 'no function is too long', check: longFunctions },
  { name: 'functions are short as a rule', check: usualFunctions },
  { name: 'no file is too long', check: longFiles },
  { name: 'each header says what it is', check: headerHeads },
  { name: 'each header is used', check: deadHeaders },
]
