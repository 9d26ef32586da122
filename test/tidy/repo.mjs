// repo.mjs: the repository as the rules see it: paths, their text, and the Makefile's rooms.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

const TEXT = /\.(c|h|def|in|ts|tsx|mjs|css|html|md|json|txt|sh|[1-8])$|(^|\/)(dev|Makefile|run)$/

/** @param {Map<string, string>} texts @param {Set<string>} paths all paths, also of what is no text */
export function makeRepo(texts, paths = new Set(texts.keys())) {
  const of = (pattern) => [...texts.keys()].filter((path) => pattern.test(path)).sort()
  return {
    of,
    text: (path) => texts.get(path) ?? '',
    lines: (path) => (texts.get(path) ?? '').split('\n'),
    has: (path) => paths.has(path),
    hasFolder: (path) => [...paths].some((other) => other.startsWith(`${path}/`)),
    rooms: roomsOf(texts.get('Makefile') ?? ''),
  }
}

/** DEPS_x := a b c: what room x may include besides itself. */
function roomsOf(makefile) {
  const rooms = new Map()
  for (const [, room, deps] of makefile.matchAll(/^DEPS_(\w+)\s*:=(.*)$/gm))
    rooms.set(room, new Set([room, ...deps.trim().split(/\s+/).filter(Boolean)]))
  return rooms
}

export function readRepo() {
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    encoding: 'utf8',
  })
  const paths = listed.split('\n').filter((path) => path && existsSync(path))
  const texts = new Map(
    paths.filter((path) => TEXT.test(path)).map((path) => [path, readFileSync(path, 'utf8')]),
  )
  return makeRepo(texts, new Set(paths))
}

/** The same C, its comments and the insides of its strings blanked out; lines stay where they are. */
export function bareC(text) {
  return text.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g,
    (found) => (found[0] === '"' ? '""' : found[0] === "'" ? "' '" : found.replace(/[^\n]/g, ' ')),
  )
}

/** Findings for each line of these files where the pattern is found. */
export function findLines(repo, files, pattern, say, read = (text) => text) {
  return files.flatMap((file) =>
    read(repo.text(file))
      .split('\n')
      .flatMap((line, i) => {
        const found = line.match(pattern)
        return found ? [{ file, line: i + 1, what: say(found) }] : []
      }),
  )
}
