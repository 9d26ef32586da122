// Builds the five pages to web/dist with content-hashed names, so that the server may call every
// file under assets/ immutable. Nothing is inlined: the Content-Security-Policy allows no inline
// script or style and no data: address.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const server = process.env.INVIGIL_SERVER ?? 'http://127.0.0.1:8080'

const input: Record<string, string> = { index: here('index.html') }
for (const page of ['exam', 'live', 'review', 'manage']) input[page] = here(`${page}/index.html`)

// A service worker must keep its address over versions, and its scope is its folder.
const worker = here('exam/sw.ts')
if (existsSync(worker)) input['exam/sw'] = worker

export default defineConfig({
  root: here('.'),
  base: '/',
  cacheDir: here('../build/vite'),
  resolve: { alias: { '@': here('.') } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
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
