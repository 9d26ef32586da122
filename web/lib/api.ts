// HTTP to our own server. A refusal is a value that is shown to the person, never an exception; no
// answer at all is a refusal too, OFFLINE, because the person can do the same about it: try again.
import { refusals, type RefusalName } from '@/lib/gen/words'
import { texts } from '@/lib/i18n'
import common from '@/lib/text/en/common.json'
import { routes, type RouteName } from '@/lib/gen/routes'

export interface Refused {
  ok: false
  refusal: RefusalName | 'OFFLINE'
  text: string
  detail: Record<string, unknown>
}
export type Answer<T> = { ok: true; value: T } | Refused

export interface Call {
  /** For ":id" in the route. */
  id?: number
  query?: Record<string, string | number>
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is, application/octet-stream. */
  bytes?: Blob | Uint8Array<ArrayBuffer>
  signal?: AbortSignal
}

const t = texts(common)

const OFFLINE: Refused = {
  ok: false,
  refusal: 'OFFLINE',
  text: t('offline'),
  detail: {},
}

const FAULT: Refused = { ok: false, refusal: 'FAULT', text: refusals.FAULT.word, detail: {} }

function address(route: RouteName, call: Call): string {
  const path = routes[route].path.replace(':id', String(call.id ?? ''))
  if (!call.query) return path
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(call.query)) query.set(name, String(value))
  return `${path}?${query}`
}

function request(route: RouteName, call: Call): RequestInit {
  const method: string = routes[route].method
  const init: RequestInit = {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    signal: call.signal ?? null,
  }
  if (call.bytes) {
    init.body = call.bytes
    init.headers = { 'Content-Type': 'application/octet-stream' }
  } else if (method !== 'GET') {
    init.body = JSON.stringify(call.body ?? {})
    init.headers = { 'Content-Type': 'application/json' }
  }
  return init
}

/** A proxy that finds no server behind it answers itself, and not in our form. */
function isProxys({ status, headers }: Response): boolean {
  const ours = headers.get('content-type')?.includes('json') === true
  return status >= 502 && status <= 504 && !ours
}

async function refused(response: Response): Promise<Refused> {
  try {
    const body = (await response.json()) as Partial<Refused>
    if (!body.refusal) return FAULT
    const known = refusals[body.refusal as RefusalName]
    const text = body.text ?? known?.word ?? FAULT.text
    return { ok: false, refusal: body.refusal, text, detail: body.detail ?? {} }
  } catch {
    return FAULT
  }
}

async function fetched<T>(
  route: RouteName,
  call: Call,
  read: (response: Response) => Promise<T>,
): Promise<Answer<T>> {
  let response: Response
  try {
    response = await fetch(address(route, call), request(route, call))
  } catch {
    return OFFLINE
  }
  if (!response.ok && isProxys(response)) return OFFLINE
  if (!response.ok) return refused(response)
  try {
    return { ok: true, value: await read(response) }
  } catch {
    return FAULT
  }
}

/** Asks a route of schema/api.def for JSON. */
export function api<T>(route: RouteName, call: Call = {}): Promise<Answer<T>> {
  return fetched(route, call, (response) => response.json() as Promise<T>)
}

/** The same for routes that answer with bytes. */
export function apiBytes(route: RouteName, call: Call = {}): Promise<Answer<Uint8Array>> {
  return fetched(route, call, async (response) => new Uint8Array(await response.arrayBuffer()))
}
