// schema.mjs: rules for the tables.

/** Rows of a table: {line, macro, args}, comments left out. */
export function rowsOf(text) {
  const bare = text.replace(/\/\*[\s\S]*?\*\//g, (found) => found.replace(/[^\n]/g, ' '))
  return bare.split('\n').flatMap((line, i) => {
    const found = line.match(/^([A-Z]\w*)\(([^()]*?)(?:,|\))\s*([^,()]*)/)
    return found ? [{ line: i + 1, macro: found[1], args: [found[2].trim(), found[3].trim()] }] : []
  })
}

/** Rows whose first word is a type and not a name. */
const NAMELESS = new Set(['W', 'F'])

function unique(repo) {
  const seen = new Map()
  const findings = []
  const once = (key, file, line, what) => {
    const before = seen.get(key)
    if (before)
      findings.push({
        file,
        line,
        what: `${what} is taken by ${before}; ids are for ever, take a new one`,
      })
    else seen.set(key, `${file}:${line}`)
  }
  for (const file of repo.of(/^schema\/.*\.def$/))
    for (const { line, macro, args } of rowsOf(repo.text(file))) {
      if (NAMELESS.has(macro)) continue
      const numbered = /^\d+$/.test(args[0])
      // Commands and events share their numbers over all tables: the log has one number line.
      const space = macro === 'C' || macro === 'E' ? macro : `${file} ${macro}`
      if (numbered) once(`${space} #${args[0]}`, file, line, `id ${args[0]}`)
      once(
        `${space} ${numbered ? args[1] : args[0]}`,
        file,
        line,
        `name ${numbered ? args[1] : args[0]}`,
      )
    }
  return findings
}

function limitsUsed(repo) {
  const others = repo
    .of(/^(src|web|sim|schema)\/.*\.(c|h|ts|tsx|in)$/)
    .map((file) => repo.text(file))
    .join('\n')
  return rowsOf(repo.text('schema/limits.def'))
    .filter(({ args }) => !new RegExp(`\\b${args[0]}\\b`).test(others))
    .map(({ line, args }) => ({
      file: 'schema/limits.def',
      line,
      what: `${args[0]} bounds nothing: enforce it or delete the row`,
    }))
}

const templates = (repo) =>
  repo.of(/^schema\/.*\.in$/).flatMap((file) =>
    repo.lines(file).flatMap((line, i) =>
      /\/\/|'/.test(line) && !/^\s*#/.test(line)
        ? [
            {
              file,
              line: i + 1,
              what: 'a template may hold neither // nor an apostrophe: the C preprocessor stumbles',
            },
          ]
        : [],
    ),
  )

export const schemaRules = [
  { name: 'ids and names in the tables are unique', check: unique },
  { name: 'each limit bounds something', check: limitsUsed },
  { name: 'templates pass the C preprocessor', check: templates },
]
