// docs.mjs: rules for Markdown.
import { dirname, join } from 'node:path/posix'

/** Lines outside of fenced code. */
function prose(repo, file) {
  let fenced = false
  return repo.lines(file).map((line) => {
    if (/^\s*(```|~~~)/.test(line)) {
      fenced = !fenced
      return ''
    }
    return fenced ? '' : line
  })
}

const MARKDOWN = /\.md$/

function titles(repo) {
  return repo.of(MARKDOWN).flatMap((file) => {
    const found = prose(repo, file).flatMap((line, i) => (/^# \S/.test(line) ? [i + 1] : []))
    if (found.length === 1) return []
    return [{ file, line: found[1] ?? 1, what: `${found.length} titles; a page has one "# Title"` }]
  })
}

const anchor = (heading) =>
  heading
    .toLowerCase()
    .replace(/[`*]/g, '')
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const anchorsOf = (repo, file) =>
  new Set(
    prose(repo, file)
      .flatMap((line) => line.match(/^#+ (.*)$/)?.[1] ?? [])
      .map(anchor),
  )

function brokenLink(repo, file, target) {
  if (/^[a-z]+:/i.test(target)) return null
  const [path, hash] = target.split('#')
  const to = path ? join(dirname(file), path).replace(/\/$/, '') : file
  if (!repo.has(to) && !repo.hasFolder(to)) return `${target} does not exist`
  if (hash && MARKDOWN.test(to) && !anchorsOf(repo, to).has(hash))
    return `${to} has no heading #${hash}`
  return null
}

function links(repo) {
  return repo.of(MARKDOWN).flatMap((file) =>
    prose(repo, file).flatMap((line, i) =>
      [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)].flatMap(
        ([, target]) => {
          const broken = brokenLink(repo, file, target)
          return broken ? [{ file, line: i + 1, what: `${broken}; mend the link` }] : []
        },
      ),
    ),
  )
}

/** Verbs and options of the command line, from the table, that the manual page does not name. */
function manual(repo) {
  const page = 'man/invigil.1'
  const text = repo.text(page).replaceAll('\\-', '-')
  return repo.lines('schema/commands.def').flatMap((line, i) => {
    const row = line.match(/^V\((\w+), "([^"]*)"/)
    if (!row) return []
    const words = [row[1], ...(row[2].match(/--[\w-]+/g) ?? [])]
    return words
      .filter((word) => !new RegExp(`(?<![\\w-])${word}(?![\\w-])`).test(text))
      .map((word) => ({
        file: 'schema/commands.def',
        line: i + 1,
        what: `${page} does not name ${word}`,
      }))
  })
}

export const docRules = [
  { name: 'the manual page knows the command line', check: manual },
  { name: 'each page has one title', check: titles },
  { name: 'links within the project lead somewhere', check: links },
]
