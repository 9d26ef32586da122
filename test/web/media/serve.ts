// Builds a test page with the real bundler and serves it under the real policy.
import { readFile } from 'node:fs/promises'
import { mkdtempSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

// As src/http/call.c sends it.
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
  "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; worker-src 'self'; " +
  "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types invigil"

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.wasm': 'application/wasm',
}

export interface TestPage {
  url: string
  close(): Promise<void>
}

export async function buildPage(root = here('.')): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), 'invigil-page-'))
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    resolve: { alias: { '@': here('../../../web') } },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0, minify: false },
  })
  return outDir
}

/** A page from a folder below test/web; this one when none is named. */
export async function servePage(root?: string): Promise<TestPage> {
  const folder = await buildPage(root)
  const server: Server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname)
    const file = join(folder, path === '/' ? 'index.html' : path)
    response.setHeader('Content-Security-Policy', POLICY)
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    try {
      const bytes = await readFile(file)
      response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream')
      response.end(bytes)
    } catch {
      response.statusCode = 404
      response.end()
    }
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> => new Promise((done) => server.close(() => done()))
  return { url: `http://127.0.0.1:${port}/`, close }
}
