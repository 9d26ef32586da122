// Builds the six pages to web/dist with content-hashed names, so that the server may call every
// file under assets/ immutable. Nothing is inlined: the Content-Security-Policy allows no inline
// script or style and no data: address.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.INVIGIL_SERVER ?? 'http://127.0.0.1:8080'

const input: Record<string, string> = { index: here('index.html') }
for (const page of ['exam', 'phone', 'live', 'review', 'manage'])
  input[page] = here(`${page}/index.html`)

// A service worker must keep its address over versions, and its scope is its folder.
input['exam/sw'] = here('exam/sw.ts')

/** Shown before the exam, when there is a connection. */
const ONLINE_ONLY = /^door-/

/** Tells the exam's service worker which built files the exam page may ask for without a connection: all
 * that its text names, directly or through what it names, also what is loaded later. The version is their
 * content. */
function listExamFiles(): Plugin {
  const list = (dist: string): void => {
    const all = readdirSync(`${dist}/assets`).filter((name) => !ONLINE_ONLY.test(name))
    const seen = new Map<string, string>()
    const visit = (path: string): void => {
      const text = readFileSync(dist + path, 'latin1')
      seen.set(path, text)
      for (const name of all)
        if (!seen.has(`/assets/${name}`) && text.includes(name)) visit(`/assets/${name}`)
    }
    visit('/exam/index.html')
    const hash = createHash('sha256')
    for (const [path, text] of [...seen].sort()) hash.update(path).update(text)
    const files = [...seen.keys(), '/favicon.svg'].filter((path) => !path.endsWith('.html'))
    const head = `const EXAM_FILES=${JSON.stringify(files)},EXAM_VERSION="${hash.digest('hex').slice(0, 16)}";`
    const sw = `${dist}/exam/sw.js`
    writeFileSync(sw, head + readFileSync(sw, 'utf8'))
  }
  return { name: 'list-exam-files', apply: 'build', writeBundle: ({ dir }) => list(dir!) }
}

export default defineConfig({
  root: here('.'),
  base: '/',
  cacheDir: here('../build/vite'),
  resolve: { alias: { '@': here('.') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [listExamFiles()],
  worker: { format: 'es' },
  build: {
    outDir: here('dist'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: {
      input,
      output: {
        entryFileNames: (chunk) =>
          chunk.name === 'exam/sw' ? 'exam/sw.js' : 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  server: {
    // ./dev web: the pages from here, everything else from the running C server.
    port: 5173,
    strictPort: true,
    // Host and Origin pass as they are, so the server's check of the origin holds here too.
    proxy: {
      '/api': { target: server },
      '^/live$': { target: server, ws: true },
    },
  },
  test: {
    environment: 'node',
    include: ['**/*.test.{ts,tsx}', '../test/web/**/*.test.{ts,tsx}'],
    exclude: ['dist/**', 'node_modules/**'],
  },
})
