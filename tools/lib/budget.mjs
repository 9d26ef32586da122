// budget.mjs: how many bytes of script a page may make a browser load, compressed with brotli.
import { readFileSync } from 'node:fs'
import { brotliCompressSync } from 'node:zlib'

/** kB of brotli: script and style that the page's HTML names, directly or through imports. */
const PAGES = { index: 40, exam: 65, phone: 40, live: 80, review: 45, manage: 80 }
const DIST = 'web/dist'

const brotliBytes = (path) => brotliCompressSync(readFileSync(DIST + path)).length

function named(path) {
  const text = readFileSync(DIST + path, 'utf8')
  if (path.endsWith('.html'))
    return [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((m) => m[1])
  if (!path.endsWith('.js')) return []
  return [...text.matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)].map((m) => `/assets/${m[1]}`)
}

function reachable(page) {
  const seen = new Set()
  const visit = (path) => {
    for (const next of named(path))
      if (!seen.has(next)) {
        seen.add(next)
        visit(next)
      }
  }
  visit(page)
  return [...seen]
}

export function checkSizes() {
  return Object.entries(PAGES).map(([name, limit]) => {
    const html = name === 'index' ? '/index.html' : `/${name}/index.html`
    const bytes = reachable(html).reduce((total, path) => total + brotliBytes(path), 0)
    const good = bytes <= limit * 1000
    const text = `${html} loads ${bytes} bytes of script and style, at most ${limit * 1000} are allowed`
    return { name: `budget-${name}`, count: { passed: +good, failed: +!good, skipped: 0 }, text }
  })
}
