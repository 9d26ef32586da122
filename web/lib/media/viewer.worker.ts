// The live viewer's worker: encrypted records in, pictures on canvases out. Decodes only what is
// shown, and keeps records of a stream whose key is still on its way.
import { streamKey, type Bytes } from '../keys.ts'
import { StreamDecoder, type Decoded } from './decoder.ts'
import { Flag, Kind, openRecord, readHeader, Stream, type Header } from './record.ts'
import { readSound } from './sound.ts'
import { SoundDecoder } from './sound-decoder.ts'
import type {
  FromViewer,
  Hearing,
  PictureState,
  PictureStatus,
  ToViewer,
} from './viewer-messages.ts'

const STATE_MS = 500
const LATE_MS = 4000
const LATE_LOW_MS = 6000
const CHANGED_MS = 10_000
const HELD_MOST = 600
const say = (message: FromViewer, transfer: Transferable[] = []): void =>
  postMessage(message, { transfer })

/** Opens records of one attempt, epoch by epoch. */
class Attempt {
  readonly feeds = new Map<number, Feed>()
  ear: Ear | undefined
  private readonly secrets = new Map<number, Bytes>()
  private readonly keys = new Map<string, Promise<CryptoKey>>()
  private readonly asked = new Set<number>()
  readonly refused = new Map<number, string>()
  /** Smallest difference of arrival and capture: the device's clock against ours, and the way. */
  offsetMs = Infinity

  constructor(readonly id: number) {}

  setSecret(epoch: number, secret: Bytes): void {
    this.secrets.set(epoch, secret)
    this.refused.delete(epoch)
    for (const feed of this.feeds.values()) feed.keyArrived()
  }

  noKey(epoch: number, why: string): void {
    this.asked.delete(epoch) // may be asked for again, when the next record comes
    this.refused.set(epoch, why)
  }

  key(epoch: number, stream: number): Promise<CryptoKey> | undefined {
    const secret = this.secrets.get(epoch)
    if (!secret) {
      if (!this.asked.has(epoch) && !this.refused.has(epoch)) {
        this.asked.add(epoch)
        say({ type: 'need-key', attempt: this.id, epoch })
      }
      return undefined
    }
    const name = `${epoch}/${stream}`
    let key = this.keys.get(name)
    if (!key) this.keys.set(name, (key = streamKey(secret, epoch, stream)))
    return key
  }

  seen(header: Header): void {
    const offset = Date.now() - header.atUs / 1000
    this.offsetMs = Math.min(this.offsetMs, offset)
  }
}

/** One stream that is shown on at least one canvas. */
class Feed {
  readonly canvases = new Set<Canvas>()
  private held: Bytes[] = []
  private opening: Promise<void> = Promise.resolve()
  private problem: { status: PictureStatus; why: string } | undefined
  private readonly decoder = new StreamDecoder(
    (decoded) => this.show(decoded),
    (why) => (this.problem = { status: 'undecodable', why }),
    true,
  )
  private changedMs = -Infinity
  private shownUs = -1
  private size = { width: 0, height: 0 }
  private lastEpoch = -1

  constructor(
    readonly attempt: Attempt,
    readonly stream: number,
  ) {}

  take(record: Bytes): void {
    const header = readHeader(record)
    this.lastEpoch = header.epoch
    this.attempt.seen(header)
    const key = this.attempt.key(header.epoch, header.stream)
    if (!key) return this.hold(record, header)
    this.opening = this.opening.then(async () => {
      try {
        this.decoder.take(header, await openRecord(await key, record))
        if (this.problem?.status === 'no-key') this.problem = undefined
      } catch (error) {
        this.problem = { status: 'changed', why: (error as Error).message }
        this.changedMs = performance.now()
      }
    })
  }

  /** Until the key comes only the newest group of pictures is worth keeping, and its CONFIG. */
  private hold(record: Bytes, header: Header): void {
    if (header.flags & Flag.key && header.kind === Kind.video)
      this.held = this.held.filter((old) => readHeader(old).kind === Kind.config).slice(-1)
    if (this.held.length < HELD_MOST) this.held.push(record)
  }

  keyArrived(): void {
    const held = this.held
    this.held = []
    for (const record of held) this.take(record)
  }

  private show({ frame, atUs }: Decoded): void {
    this.shownUs = atUs
    this.size = { width: frame.displayWidth, height: frame.displayHeight }
    // Long enough to be seen by a person, however soon the stream recovers.
    const recent = performance.now() - this.changedMs < CHANGED_MS
    if (this.problem?.status !== 'changed' || !recent) this.problem = undefined
    // Behind: the next picture is decoded already, so this one need not be drawn.
    if (this.decoder.queue <= 2) for (const canvas of this.canvases) canvas.draw(frame)
    frame.close()
  }

  state(): PictureState {
    const ageMs =
      this.shownUs < 0 ? -1 : Math.max(0, Date.now() - this.shownUs / 1000 - this.attempt.offsetMs)
    const refusal = this.attempt.refused.get(this.lastEpoch)
    const late = this.stream >= 16 ? LATE_LOW_MS : LATE_MS
    const picture = { ageMs: Math.round(ageMs), ...this.size, why: this.problem?.why ?? '' }
    if (refusal !== undefined) return { ...picture, status: 'no-key', why: refusal }
    if (this.problem) return { ...picture, status: this.problem.status }
    if (ageMs < 0) return { ...picture, status: 'waiting' }
    return { ...picture, status: ageMs > late ? 'late' : 'live' }
  }

  close(): void {
    this.decoder.close()
    this.held = []
  }
}

/** The sound of an attempt. What comes before its key is not worth keeping. */
class Ear {
  private opening: Promise<void> = Promise.resolve()
  private decoder: SoundDecoder | undefined

  constructor(
    private readonly attempt: Attempt,
    readonly what: Hearing,
  ) {
    if (what !== 'sound') return
    const heard = (samples: Float32Array<ArrayBuffer>): void =>
      say({ type: 'sound', attempt: attempt.id, samples }, [samples.buffer])
    this.decoder = new SoundDecoder(
      (one) => heard(one.samples),
      () => undefined, // silence; the next record opens it again
    )
  }

  take(record: Bytes): void {
    const header = readHeader(record)
    const key = this.attempt.key(header.epoch, header.stream)
    if (!key || header.kind !== Kind.audio) return
    this.opening = this.opening
      .then(async () => this.opened(header, await openRecord(await key, record)))
      .catch(() => undefined) // the pictures of the attempt say what is wrong
  }

  private opened(header: Header, plain: Bytes): void {
    const full = header.stream === Stream.microphone
    const levels = full ? readSound(plain).map((frame) => frame.level) : [...plain.slice(-1)]
    say({ type: 'level', attempt: this.attempt.id, level: Math.max(0, ...levels) })
    if (full) this.decoder?.take(header, plain)
  }

  close(): void {
    this.decoder?.close()
  }
}

class Canvas {
  feed: Feed | undefined
  private readonly context: OffscreenCanvasRenderingContext2D | null

  constructor(
    readonly id: number,
    private readonly canvas: OffscreenCanvas,
  ) {
    this.context = canvas.getContext('2d', { alpha: false })
  }

  draw(frame: VideoFrame): void {
    const { displayWidth, displayHeight } = frame
    if (this.canvas.width !== displayWidth) this.canvas.width = displayWidth
    if (this.canvas.height !== displayHeight) this.canvas.height = displayHeight
    this.context?.drawImage(frame, 0, 0)
  }

  clear(): void {
    this.context?.clearRect(0, 0, this.canvas.width, this.canvas.height)
  }
}

const attempts = new Map<number, Attempt>()
const canvases = new Map<number, Canvas>()

function attemptOf(id: number): Attempt {
  let attempt = attempts.get(id)
  if (!attempt) attempts.set(id, (attempt = new Attempt(id)))
  return attempt
}

function hide(canvas: Canvas): void {
  const feed = canvas.feed
  canvas.feed = undefined
  if (!feed) return
  feed.canvases.delete(canvas)
  if (feed.canvases.size) return
  feed.close()
  feed.attempt.feeds.delete(feed.stream)
}

function show(canvas: Canvas, id: number, stream: number): void {
  if (canvas.feed?.attempt.id === id && canvas.feed.stream === stream) return
  // Another layer of the same track: the old picture stays until the new one is there.
  const same = canvas.feed?.attempt.id === id && (canvas.feed.stream & 15) === (stream & 15)
  hide(canvas)
  if (!same) canvas.clear()
  const attempt = attemptOf(id)
  let feed = attempt.feeds.get(stream)
  if (!feed) attempt.feeds.set(stream, (feed = new Feed(attempt, stream)))
  feed.canvases.add(canvas)
  canvas.feed = feed
}

function media(attempt: number, record: Bytes): void {
  const from = attempts.get(attempt)
  const { stream } = readHeader(record)
  if (stream === Stream.microphone || stream === Stream.levels) from?.ear?.take(record)
  else from?.feeds.get(stream)?.take(record)
}

function hear(id: number, what: Hearing): void {
  const attempt = attemptOf(id)
  attempt.ear?.close()
  attempt.ear = what === 'off' ? undefined : new Ear(attempt, what)
}

setInterval(() => {
  for (const { id, feed } of canvases.values())
    if (feed) say({ type: 'state', id, state: feed.state() })
}, STATE_MS)

addEventListener('message', (event: MessageEvent<ToViewer>) => {
  const message = event.data
  switch (message.type) {
    case 'canvas':
      canvases.set(message.id, new Canvas(message.id, message.canvas))
      return
    case 'show': {
      const canvas = canvases.get(message.id)
      if (canvas) show(canvas, message.attempt, message.stream)
      return
    }
    case 'hide': {
      const canvas = canvases.get(message.id)
      if (canvas) hide(canvas)
      return
    }
    case 'forget': {
      const canvas = canvases.get(message.id)
      if (canvas) hide(canvas)
      canvases.delete(message.id)
      return
    }
    case 'hear':
      return hear(message.attempt, message.what)
    case 'media':
      return media(message.attempt, message.record)
    case 'key':
      return attemptOf(message.attempt).setSecret(message.epoch, message.secret)
    case 'no-key':
      return attemptOf(message.attempt).noKey(message.epoch, message.why)
  }
})
