// The service worker of the exam page: keeps the page's own built files, so that a reload or a restarted
// browser opens it without a connection. It answers nothing else: what the server says (/api, /live) is
// never kept here. Files are listed by the build (web/vite.config.ts), under a name for their content.
//
// An exam under way keeps what it began with: a new version is fetched beside the old one and takes over
// when no page of the old one is open any more. Online, the page itself comes from the server.
declare const EXAM_FILES: readonly string[]
declare const EXAM_VERSION: string

const worker = globalThis as unknown as ServiceWorkerGlobalScope

const PREFIX = 'invigil-exam-'
const CACHE = PREFIX + EXAM_VERSION
const PAGE = '/exam/'
/** A network that swallows everything must not keep the exam closed. */
const PATIENCE_MS = 4000

const files = new Set(EXAM_FILES)

worker.addEventListener('install', (event) => event.waitUntil(keep()))
worker.addEventListener('activate', (event) => event.waitUntil(takeOver()))
worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (files.has(url.pathname)) event.respondWith(file(request))
})

async function keep(): Promise<void> {
  const cache = await caches.open(CACHE)
  // Names with a hash may come from the browser's own cache; the page must be the present one.
  await cache.addAll([new Request(PAGE, { cache: 'reload' }), ...EXAM_FILES])
}

async function takeOver(): Promise<void> {
  const old = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  await Promise.all(old.map((name) => caches.delete(name)))
  await worker.clients.claim()
}

async function kept(address: string): Promise<Response | undefined> {
  const cache = await caches.open(CACHE)
  return cache.match(address, { ignoreSearch: true, ignoreVary: true })
}

async function page(request: Request): Promise<Response> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS)
  try {
    const answer = await fetch(request, { signal: stop.signal })
    // A proxy without a server behind it answers, too.
    if (answer.status < 500) return answer
    return (await kept(PAGE)) ?? answer
  } catch {
    return (await kept(PAGE)) ?? Response.error()
  } finally {
    clearTimeout(timer)
  }
}

async function file(request: Request): Promise<Response> {
  return (await kept(new URL(request.url).pathname)) ?? fetch(request)
}
