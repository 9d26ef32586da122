// tools/embed.mjs on small folders.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const scratch = mkdtempSync(join(tmpdir(), 'invigil-embed-'))
after(() => rmSync(scratch, { recursive: true }))

let count = 0
function embed(files) {
  const dir = join(scratch, `${count++}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, 'dist', path, '..'), { recursive: true })
    writeFileSync(join(dir, 'dist', path), text)
  }
  const run = spawnSync('node', ['tools/embed.mjs', join(dir, 'dist'), join(dir, 'out')], {
    encoding: 'utf8',
  })
  if (run.status !== 0) return { error: run.stderr }
  const read = (name) => readFileSync(join(dir, 'out', name), 'utf8')
  return { table: read('assets_table.c'), assembly: read('assets.S'), out: join(dir, 'out') }
}

test('A missing folder gives an empty table that compiles.', () => {
  const { table, out } = embed({})
  assert.match(table, /asset_count = 0;/)
  execFileSync('cc', [
    '-std=c17',
    '-Wall',
    '-Werror',
    '-Isrc',
    '-c',
    join(out, 'assets_table.c'),
    '-o',
    join(out, 'a.o'),
  ])
})

test('Paths are sorted by bytes, and only hashed names are kept for ever.', () => {
  const { table } = embed({
    'b.html': 'b',
    'a/index.html': 'a',
    'assets/x-Ab_9-cdE.js': 'x',
    'assets/plain.js': 'y',
    'B.css': 'c',
  })
  const rows = [...table.matchAll(/\{\{\(const u8 \*\)"([^"]+)", \d+\}.*\},? (true|false),/g)]
  assert.deepEqual(
    rows.map(([, path, immutable]) => [path, immutable]),
    [
      ['/B.css', 'false'],
      ['/a/index.html', 'false'],
      ['/assets/plain.js', 'false'],
      ['/assets/x-Ab_9-cdE.js', 'true'],
      ['/b.html', 'false'],
    ],
  )
})

test('A variant is there only when it is smaller; all three have different tags.', () => {
  const { table } = embed({ 'a.html': 'x' })
  assert.doesNotMatch(table, /_gzip|_br\b/)
  const large = embed({ 'a.html': 'word '.repeat(1000) }).table
  const tags = [...large.matchAll(/\\"([0-9a-f]{16}(?:-gz|-br)?)\\"/g)].map((found) => found[1])
  assert.equal(tags.length, 3)
  assert.deepEqual(tags, [tags[0], `${tags[0]}-gz`, `${tags[0]}-br`])
})

test('The same bytes give the same table, other bytes another tag.', () => {
  const one = embed({ 'a.html': 'one' })
  assert.equal(embed({ 'a.html': 'one' }).table, one.table)
  assert.notEqual(embed({ 'a.html': 'two' }).table, one.table)
})

test('The bytes are linked as they are.', () => {
  const text = 'line "quoted" \\ and ä\n'
  const { out } = embed({ 'a.txt': text })
  writeFileSync(
    join(out, 'main.c'),
    '#include "http/assets.h"\n#include <stdio.h>\nint main(void) { fwrite(assets[0].identity.ptr, 1, assets[0].identity.len, stdout); return 0; }\n',
  )
  const files = ['main.c', 'assets.S', 'assets_table.c'].map((name) => join(out, name))
  execFileSync('cc', ['-std=c17', '-Isrc', ...files, '-o', join(out, 'main')])
  assert.equal(execFileSync(join(out, 'main'), { encoding: 'utf8' }), text)
})

test('A file whose kind is not known stops the build and says what to do.', () => {
  assert.match(
    embed({ 'a.xyz': 'x' }).error,
    /a\.xyz: no content type .* add it to tools\/embed\.mjs/,
  )
})
