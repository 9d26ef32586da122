// general.mjs: rules for every text of the project.
import { findLines } from './repo.mjs'

const TIDY = /^test\/tidy/
const own = (repo, pattern) =>
  repo
    .of(pattern)
    .filter((file) => !TIDY.test(file) && file !== 'package-lock.json' && file !== 'LICENSE')

const leftovers = (repo) =>
  findLines(
    repo,
    own(repo, /./),
    /\b(TODO|FIXME|XXX|HACK|stubs?)\b/,
    ([word]) => `${word}: do it, or write it down where it is planned`,
  )

const SLEEPS =
  /\b(u?sleep|nanosleep|uv_sleep|waitForTimeout)\s*\(|\bsetTimeout\((resolve|r|done|ok)\b/

/** A loop that asks for a condition again and again may rest; it says so on the line. */
const sleeps = (repo) =>
  findLines(
    repo,
    own(repo, /^test\/.*\.(c|h|ts|tsx|mjs)$/).concat(repo.of(/^web\/.*\.test\.tsx?$/)),
    SLEEPS,
    ([found]) => `${found} waits for a fixed time: wait for what is to happen`,
    (text) => text.replace(/^.*(\/\/|\/\*) polls\b.*$/gm, ''),
  )

const blanks = (repo) =>
  findLines(
    repo,
    own(repo, /./),
    /[ \t\r]+$/,
    () => 'blanks at the end of the line: take them away',
  )

const endings = (repo) =>
  own(repo, /./)
    .filter((file) => repo.text(file) && !/[^\n]\n$/.test(repo.text(file)))
    .map((file) => ({ file, line: repo.lines(file).length, what: 'end with exactly one newline' }))

/** Words that judge people, and words that say nothing to a reader of the project. */
const WORDS = [
  [/\bcheat(s|er|ers|ing|ed)?\b/i, 'say "flag", "for review" or what was seen'],
  [/\bsuspicious(ly)?\b|\bsuspects?\b|\bculprit/i, 'say what was seen'],
]

const words = (repo) =>
  WORDS.flatMap(([pattern, advice]) =>
    findLines(repo, own(repo, /./), pattern, ([word]) => `"${word.trim()}": ${advice}`),
  )

export const generalRules = [
  { name: 'nothing is left over', check: leftovers },
  { name: 'no test waits for a fixed time', check: sleeps },
  { name: 'no blanks at line ends', check: blanks },
  { name: 'files end with a newline', check: endings },
  { name: 'the words fit', check: words },
]
