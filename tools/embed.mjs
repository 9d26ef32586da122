// embed.mjs DIST OUT_DIR: turns the built browser side into assets.S and assets_table.c, as
// src/http/assets.h describes. A missing or empty DIST gives an empty table, so that the C side
// builds without Node's part of the work.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  webmanifest: 'application/manifest+json',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  wasm: 'application/wasm',
  txt: 'text/plain; charset=utf-8',
}

const files = (dir) =>
  readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? files(join(dir, entry.name)) : [join(dir, entry.name)],
  )

// A name as Vite writes it: NAME-HASH.EXT below assets/. Only such a name may be kept for ever.
const isImmutable = (path) => /^\/assets\/.+-[\w-]{8}\.\w+$/.test(path)

function typeOf(path) {
  const type = TYPES[path.slice(path.lastIndexOf('.') + 1)]
  if (!type) throw new Error(`${path}: no content type for this ending; add it to tools/embed.mjs`)
  return type
}

function packed(bytes) {
  const gzip = gzipSync(bytes, { level: 9 })
  const br = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  })
  const smaller = (variant) => (variant.length < bytes.length ? variant : null)
  return { gzip: smaller(gzip), br: smaller(br) }
}

function readAsset(dist, file) {
  const bytes = readFileSync(file)
  const path = `/${relative(dist, file).split('\\').join('/')}`
  const etag = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  return { path, etag, type: typeOf(path), identity: bytes, ...packed(bytes) }
}

const byBytes = (a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))
const quoted = (text) => JSON.stringify(text)

function assembly(assets, outDir) {
  const lines = ['    .section .rodata.assets, "a", %progbits']
  assets.forEach((asset, i) => {
    for (const kind of ['identity', 'gzip', 'br']) {
      if (!asset[kind]) continue
      const blob = join(outDir, 'assets', `${i}.${kind}`)
      writeFileSync(blob, asset[kind])
      const name = `asset_${i}_${kind}`
      lines.push(`    .balign 8`, `    .globl ${name}`, `    .hidden ${name}`)
      lines.push(`${name}:`, `    .incbin ${quoted(resolve(blob))}`)
    }
  })
  lines.push('    .byte 0', '    .section .note.GNU-stack, "", %progbits', '')
  return lines.join('\n')
}

function table(assets) {
  const span = (text) => `{(const u8 *)${quoted(text)}, ${Buffer.byteLength(text)}}`
  const declarations = []
  const body = (asset, i, kind, suffix) => {
    if (!asset[kind]) return '{NULL, 0, {NULL, 0}}'
    declarations.push(`extern const u8 asset_${i}_${kind}[];`)
    return `{asset_${i}_${kind}, ${asset[kind].length}, ${span(`"${asset.etag}${suffix}"`)}}`
  }
  const rows = assets.map((asset, i) => {
    const bodies = [
      body(asset, i, 'identity', ''),
      body(asset, i, 'gzip', '-gz'),
      body(asset, i, 'br', '-br'),
    ]
    const head = `${span(asset.path)}, ${span(asset.type)}, ${isImmutable(asset.path)}`
    return `    {${head},\n     ${bodies.join(',\n     ')}},`
  })
  return [
    '/* Written by tools/embed.mjs. */',
    '#include "http/assets.h"',
    '',
    ...declarations,
    '',
    `const u32 asset_count = ${assets.length};`,
    'const Asset assets[] = {',
    ...(rows.length ? rows : ['    {{NULL, 0}, {NULL, 0}, false, {0}, {0}, {0}},']),
    '};',
    '',
  ].join('\n')
}

const [dist, outDir] = process.argv.slice(2)
if (!dist || !outDir) {
  console.error('usage: node tools/embed.mjs DIST OUT_DIR')
  process.exit(2)
}
mkdirSync(join(outDir, 'assets'), { recursive: true })
const assets = existsSync(dist) ? files(dist).map((file) => readAsset(dist, file)) : []
assets.sort(byBytes)
writeFileSync(join(outDir, 'assets.S'), assembly(assets, outDir))
writeFileSync(join(outDir, 'assets_table.c'), table(assets))
