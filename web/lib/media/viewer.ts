// Live pictures for staff: says which streams are shown (the server sends no others), opens media keys
// with the session key, and lets a worker decrypt, decode and draw.
//
//   const viewer = openViewer({ socket, session, sessionKey })
//   viewer.show(attempt, 'webcam', canvas, 'low', (state) => ...)   as often as wanted
//   viewer.hide(canvas)                                             when it leaves the screen
//
// A canvas belongs to its first viewer for good: it is handed to the worker.
import { api } from '../api.ts'
import { fromHex, KeyError, openMediaKey, type SessionKey } from '../keys.ts'
import type { LiveSocket } from '../socket.ts'
import { scriptAddress } from '../trusted.ts'
import type { TrackName } from './plan.ts'
import { Stream } from './record.ts'
import { Speaker } from './speaker.ts'
import type { FromViewer, Hearing, PictureState, ToViewer } from './viewer-messages.ts'
import workerAddress from './viewer.worker.ts?worker&url'

export type { PictureState, PictureStatus } from './viewer-messages.ts'
export type Quality = 'low' | 'full'
export type WrappedKeys = { epoch: number; wrapped: Uint8Array<ArrayBuffer> }[]

export interface ViewerOptions {
  socket: Pick<LiveSocket, 'sendMessage' | 'on' | 'onConnected'>
  session: number
  /** null until the person has unlocked; setSessionKey brings it later. */
  sessionKey: SessionKey | null
  /** The media keys of an attempt; without it the attempt's events are asked for. */
  loadKeys?: (attempt: number) => Promise<WrappedKeys>
}

export interface Viewer {
  show(
    attempt: number,
    track: TrackName,
    canvas: HTMLCanvasElement,
    quality: Quality,
    onState?: (state: PictureState) => void,
  ): void
  hide(canvas: HTMLCanvasElement): void
  /** The loudness of an attempt's microphone, 0 to 255, each second. Answers how to end it. */
  level(attempt: number, heard: (level: number) => void): () => void
  /** The sound itself, aloud, for as long as it is not ended; one attempt at a time. */
  listen(attempt: number): () => void
  setSessionKey(key: SessionKey): void
  /** A media_key_added event that was seen elsewhere: saves asking for it. */
  addKey(attempt: number, epoch: number, wrapped: Uint8Array<ArrayBuffer>): void
  close(): void
}

interface Shown {
  id: number
  attempt: number
  stream: number
  onState: ((state: PictureState) => void) | undefined
}

const trackStreams: Record<TrackName, number> = { webcam: 0, screen: 1, phone: 2 }
const LOW = 16
/** The bit of all streams of sound among the 16 of their kind. */
const SOUND_BIT = 7
const KEY_RETRY_MS = 5000
const FORGET_MS = 1000

/** media_key_added events over HTTP. */
async function keysOverHttp(attempt: number): Promise<WrappedKeys> {
  type Events = { events: { kind: string; epoch?: number; wrapped?: string }[] }
  const answer = await api<Events>('attempt_events', { id: attempt })
  if (!answer.ok) throw new Error(answer.text)
  return answer.value.events
    .filter((event) => event.kind === 'media_key_added')
    .map((event) => ({ epoch: Number(event.epoch), wrapped: fromHex(event.wrapped ?? '') }))
}

/** u64 attempt, u8 low streams, u8 full streams, for each attempt that is shown. */
export function packWants(
  shown: Iterable<{ attempt: number; stream: number }>,
): Uint8Array<ArrayBuffer> {
  const wants = new Map<number, { low: number; full: number }>()
  for (const { attempt, stream } of shown) {
    const want = wants.get(attempt) ?? { low: 0, full: 0 }
    const bit = 1 << Math.min(stream % LOW, SOUND_BIT)
    if (stream >= LOW) want.low |= bit
    else want.full |= bit
    wants.set(attempt, want)
  }
  const out = new DataView(new ArrayBuffer(wants.size * 10))
  let at = 0
  for (const [attempt, { low, full }] of wants) {
    out.setBigUint64(at, BigInt(attempt), true)
    out.setUint8(at + 8, low)
    out.setUint8(at + 9, full)
    at += 10
  }
  return new Uint8Array(out.buffer)
}

class LiveViewer implements Viewer {
  private readonly worker = new Worker(scriptAddress(workerAddress), { type: 'module' })
  private readonly ids = new WeakMap<HTMLCanvasElement, number>()
  private readonly shown = new Map<number, Shown>()
  private readonly unhear: (() => void)[]
  private readonly levels = new Map<number, Set<(level: number) => void>>()
  private listening = 0
  private speaker: Speaker | undefined
  private readonly wrapped = new Map<string, Uint8Array<ArrayBuffer>>()
  private readonly missing = new Set<string>()
  private readonly loading = new Map<number, Promise<void>>()
  private nextId = 1
  private wantsQueued = false
  private lastWants = ''

  constructor(private readonly o: ViewerOptions) {
    this.worker.onmessage = (event: MessageEvent<FromViewer>) => this.heard(event.data)
    this.unhear = [
      o.socket.on('media', ({ attempt, record }) => {
        const copy = record.slice()
        this.tell({ type: 'media', attempt, record: copy }, [copy.buffer])
      }),
      o.socket.onConnected(() => {
        this.lastWants = ''
        this.queueWants()
      }),
    ]
  }

  private tell(message: ToViewer, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer)
  }

  show(
    attempt: number,
    track: TrackName,
    canvas: HTMLCanvasElement,
    quality: Quality,
    onState?: (state: PictureState) => void,
  ): void {
    const id = this.idOf(canvas)
    const stream = trackStreams[track] + (quality === 'low' ? LOW : 0)
    const before = this.shown.get(id)
    this.shown.set(id, { id, attempt, stream, onState })
    if (before?.attempt === attempt && before.stream === stream) return
    this.tell({ type: 'show', id, attempt, stream })
    this.queueWants()
  }

  private idOf(canvas: HTMLCanvasElement): number {
    const known = this.ids.get(canvas)
    if (known) return known
    const id = this.nextId++
    this.ids.set(canvas, id)
    const handed = canvas.transferControlToOffscreen()
    this.tell({ type: 'canvas', id, canvas: handed }, [handed])
    return id
  }

  hide(canvas: HTMLCanvasElement): void {
    const id = this.ids.get(canvas)
    if (id === undefined || !this.shown.delete(id)) return
    this.tell({ type: 'hide', id })
    this.queueWants()
    // A canvas that has left the page never comes back: the worker need not keep its half.
    setTimeout(() => {
      if (canvas.isConnected || this.shown.has(id)) return
      this.ids.delete(canvas)
      this.tell({ type: 'forget', id })
    }, FORGET_MS)
  }

  level(attempt: number, heard: (level: number) => void): () => void {
    const all = this.levels.get(attempt) ?? new Set()
    this.levels.set(attempt, all.add(heard))
    this.hear(attempt)
    return () => {
      all.delete(heard)
      if (!all.size) this.levels.delete(attempt)
      this.hear(attempt)
    }
  }

  listen(attempt: number): () => void {
    const before = this.listening
    this.listening = attempt
    this.speaker ??= new Speaker()
    if (before) this.hear(before)
    this.hear(attempt)
    return () => {
      if (this.listening !== attempt) return
      this.listening = 0
      this.speaker?.hush()
      this.hear(attempt)
    }
  }

  private hear(attempt: number): void {
    const level = this.levels.has(attempt) ? 'level' : 'off'
    const what: Hearing = this.listening === attempt ? 'sound' : level
    this.tell({ type: 'hear', attempt, what })
    this.queueWants()
  }

  private *wanted(): Iterable<{ attempt: number; stream: number }> {
    yield* this.shown.values()
    for (const attempt of this.levels.keys()) yield { attempt, stream: Stream.levels }
    if (this.listening) yield { attempt: this.listening, stream: Stream.microphone }
  }

  /** Tiles come and go many at a time: one message for all. */
  private queueWants(): void {
    if (this.wantsQueued) return
    this.wantsQueued = true
    setTimeout(() => {
      this.wantsQueued = false
      const wants = packWants(this.wanted())
      const said = wants.join()
      if (said === this.lastWants) return
      if (this.o.socket.sendMessage({ kind: 'watch', session: this.o.session, wants }))
        this.lastWants = said
    }, 0)
  }

  // ---- keys ----

  setSessionKey(key: SessionKey): void {
    this.o.sessionKey = key
    for (const name of [...this.missing]) {
      const [attempt, epoch] = name.split('/').map(Number) as [number, number]
      void this.provide(attempt, epoch)
    }
  }

  addKey(attempt: number, epoch: number, wrapped: Uint8Array<ArrayBuffer>): void {
    const name = `${attempt}/${epoch}`
    this.wrapped.set(name, wrapped)
    if (this.missing.has(name)) void this.provide(attempt, epoch)
  }

  private load(attempt: number): Promise<void> {
    let loading = this.loading.get(attempt)
    if (!loading) {
      loading = (this.o.loadKeys ?? keysOverHttp)(attempt)
        .then((keys) => {
          for (const { epoch, wrapped } of keys) this.wrapped.set(`${attempt}/${epoch}`, wrapped)
        })
        .finally(() => this.loading.delete(attempt))
      this.loading.set(attempt, loading)
    }
    return loading
  }

  private async provide(attempt: number, epoch: number): Promise<void> {
    const name = `${attempt}/${epoch}`
    const refuse = (why: string): void => {
      this.missing.add(name)
      this.tell({ type: 'no-key', attempt, epoch, why })
    }
    if (!this.o.sessionKey) return refuse('Unlock with your passphrase to see the pictures.')
    try {
      if (!this.wrapped.has(name)) await this.load(attempt)
      const wrapped = this.wrapped.get(name)
      if (!wrapped) return refuse('The key of this recording is not on the server.')
      const secret = await openMediaKey(this.o.sessionKey, attempt, epoch, wrapped)
      this.missing.delete(name)
      this.tell({ type: 'key', attempt, epoch, secret })
    } catch (error) {
      refuse((error as Error).message)
      // The server may be away for a moment; a key that does not fit stays so.
      if (!(error instanceof KeyError)) setTimeout(() => this.again(name), KEY_RETRY_MS)
    }
  }

  private again(name: string): void {
    const [attempt, epoch] = name.split('/').map(Number) as [number, number]
    const shown = [...this.wanted()].some((s) => s.attempt === attempt)
    if (shown && this.missing.has(name)) void this.provide(attempt, epoch)
  }

  private heard(message: FromViewer): void {
    if (message.type === 'need-key') return void this.provide(message.attempt, message.epoch)
    if (message.type === 'level')
      return this.levels.get(message.attempt)?.forEach((heard) => heard(message.level))
    if (message.type === 'sound') {
      if (message.attempt === this.listening) this.speaker?.push(message.samples)
      return
    }
    this.shown.get(message.id)?.onState?.(message.state)
  }

  close(): void {
    for (const unhear of this.unhear) unhear()
    this.o.socket.sendMessage({ kind: 'watch', session: this.o.session, wants: new Uint8Array(0) })
    this.worker.terminate()
    this.speaker?.close()
  }
}

export function openViewer(options: ViewerOptions): Viewer {
  return new LiveViewer({ ...options })
}
