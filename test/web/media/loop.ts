// A candidate and a proctor in one page, with a server of a few lines between them: what is painted
// into the source must come out of the proctor's canvas, sealed and opened on the way. The test that
// drives this page is ../media.spec.ts.
import { signal } from '@preact/signals'
import { startEvidence, type Evidence, type EvidenceState } from '@/lib/media/candidate'
import { openViewer, type PictureState, type Viewer } from '@/lib/media/viewer'
import {
  Flag,
  Kind,
  openRecord,
  readHeader,
  readJson,
  Stream,
  type Header,
} from '@/lib/media/record'
import { FRAME_US, readSound, SAMPLE_RATE } from '@/lib/media/sound'
import { SoundDecoder } from '@/lib/media/sound-decoder'
import {
  makeIdentity,
  makeSessionKey,
  openMediaKey,
  openSessionKey,
  streamKey,
  unlockIdentity,
  type Bytes,
  type SessionKey,
} from '@/lib/keys'
import type { LinkState } from '@/lib/socket'
import { readIndex } from '@/lib/media/record'
import { readRecording, type Picture } from '@/review/model/recording'
import { Player } from '@/review/player'

const ATTEMPT = 42
const CELLS = 24

/** Paints a number as black and white cells and, below, its inverse. */
class Painter {
  readonly canvas = document.createElement('canvas')
  readonly stream: MediaStream
  count = 0
  private readonly timer: ReturnType<typeof setInterval>

  constructor(width: number, height: number, fps: number) {
    this.canvas.width = width
    this.canvas.height = height
    this.stream = this.canvas.captureStream(fps)
    this.timer = setInterval(() => this.paint(), 1000 / fps)
    this.paint()
  }

  private paint(): void {
    const context = this.canvas.getContext('2d')!
    const { width, height } = this.canvas
    this.count = Math.round(performance.now()) & 0xffffff
    context.fillStyle = '#777'
    context.fillRect(0, 0, width, height)
    for (let bit = 0; bit < CELLS; bit++) {
      const on = (this.count >> bit) & 1
      context.fillStyle = on ? '#fff' : '#000'
      context.fillRect((bit * width) / CELLS, 0, width / CELLS + 1, height / 4)
      context.fillStyle = on ? '#000' : '#fff'
      context.fillRect((bit * width) / CELLS, height / 4, width / CELLS + 1, height / 4)
    }
  }

  stop(): void {
    clearInterval(this.timer)
  }
}

/** The number in a shown picture; -1 when it cannot be read for certain. */
function readCount(shown: HTMLCanvasElement): number {
  const copy = document.createElement('canvas')
  copy.width = shown.width
  copy.height = shown.height
  const context = copy.getContext('2d', { willReadFrequently: true })!
  context.drawImage(shown, 0, 0)
  let count = 0
  for (let bit = 0; bit < CELLS; bit++) {
    const x = Math.floor(((bit + 0.5) * copy.width) / CELLS)
    const level = (y: number): number => context.getImageData(x, y, 1, 1).data[1]!
    const above = level(Math.floor(copy.height / 8))
    const below = level(Math.floor((copy.height * 3) / 8))
    if (Math.abs(above - below) < 60) return -1
    if (above > below) count |= 1 << bit
  }
  return count
}

type Handler = (message: never) => void

/** The page's connection and the server behind it. */
class Loop {
  readonly state = signal<LinkState>('live')
  readonly stored: { header: Header; late: boolean; record: Bytes; arrivedMs: number }[] = []
  readonly keys = new Map<number, Bytes>()
  watched = new Uint8Array(0)
  doubles = 0
  private readonly known = new Set<string>()
  change: ((record: Bytes) => void) | undefined
  private readonly handlers = new Map<string, Set<Handler>>()

  constructor() {
    setInterval(() => this.sayHave(), 500)
  }

  on(kind: string, handler: Handler): () => void {
    const all = this.handlers.get(kind) ?? new Set()
    this.handlers.set(kind, all.add(handler))
    return () => all.delete(handler)
  }

  onConnected(handler: () => void): () => void {
    if (this.state.value === 'live') handler()
    return this.on('welcome', handler)
  }

  say(kind: string, message: object): void {
    for (const handler of this.handlers.get(kind) ?? []) handler(message as never)
  }

  async send(command: { kind: string; epoch?: number; wrapped?: Bytes }): Promise<unknown> {
    if (command.kind === 'add_media_key') this.keys.set(command.epoch!, command.wrapped!)
    return {}
  }

  sendMessage(message: { kind: string; lane?: number; record?: Bytes; wants?: Bytes }): boolean {
    if (this.state.value !== 'live') return false
    if (message.kind === 'watch') {
      this.watched = message.wants!
      this.say('want', { key_frames: 1, watchers: 1 })
    }
    if (message.kind === 'media_hello') this.sayHave()
    if (message.kind === 'record') this.take(message.record!.slice(), message.lane! >= 0x80)
    return true
  }

  /** Up to where each stream is complete, as after an fdatasync. */
  private sayHave(): void {
    if (this.state.value !== 'live') return
    const seen = new Map<string, { epoch: number; stream: number; seqs: Set<number> }>()
    for (const { header } of this.stored) {
      const { epoch, stream, seq } = header
      const known = seen.get(`${epoch}/${stream}`) ?? { epoch, stream, seqs: new Set() }
      known.seqs.add(seq)
      seen.set(`${epoch}/${stream}`, known)
    }
    for (const { epoch, stream, seqs } of seen.values()) {
      let upto_seq = -1
      while (seqs.has(upto_seq + 1)) upto_seq++
      if (upto_seq >= 0) this.say('media_have', { epoch, stream, upto_seq, durable: 1 })
    }
  }

  private take(record: Bytes, late: boolean): void {
    const header = readHeader(record)
    const { epoch, stream, seq } = header
    this.change?.(record)
    const name = `${epoch}/${stream}/${seq}`
    if (this.known.has(name)) this.doubles++
    else this.stored.push({ header, late, record, arrivedMs: performance.now() })
    this.known.add(name)
    setTimeout(() => {
      if (this.state.value !== 'live') return
      this.say('record_ack', { epoch, stream, seq, bytes: record.length })
      if (!late) this.say('media', { attempt: ATTEMPT, record })
    }, 2)
  }

  cut(): void {
    this.state.value = 'offline'
  }

  mend(): void {
    this.state.value = 'live'
    this.say('welcome', {})
  }
}

/** An index entry as src/store/pack_form.h writes it. */
function indexEntry(header: Header, bytes: number, late: boolean, receivedMs: number): Bytes {
  const out = new Uint8Array(64)
  const view = new DataView(out.buffer)
  view.setBigUint64(0, BigInt(ATTEMPT), true)
  view.setBigUint64(8, BigInt(header.epoch), true)
  view.setBigUint64(16, BigInt(header.atUs), true)
  view.setBigInt64(32, BigInt(Math.round(receivedMs)), true)
  view.setUint32(40, header.seq, true)
  view.setUint32(44, header.keySeq, true)
  view.setUint32(48, bytes, true)
  out.set([header.stream, header.kind, header.flags, late ? 1 : 0], 56)
  return out
}

/** What the reviewer's page would do with what is stored. */
class Review {
  readonly player: Player
  readonly webcam: Picture[]
  private readonly canvas = document.createElement('canvas')

  constructor(stored: Loop['stored'], epoch: number, secret: Bytes) {
    const parts = stored.map(({ header, record, late, arrivedMs }) =>
      indexEntry(header, record.length, late, performance.timeOrigin + arrivedMs),
    )
    const index = new Uint8Array(parts.length * 64)
    parts.forEach((part, at) => index.set(part, at * 64))
    const recording = readRecording(readIndex(index))
    this.webcam = recording.tracks[0].filter((picture) => !picture.config)
    this.player = new Player(ATTEMPT, index, recording.from, recording.to)
    document.body.append(this.canvas)
    this.player.setCanvas(0, this.canvas)
    this.player.setCanvas(1, document.createElement('canvas'))
    this.player.addKey(epoch, secret)
  }

  /** Shows the nth webcam picture; answers what became of it. */
  async show(nth: number): Promise<{ status: string; count: number; painted: number }> {
    const picture = this.webcam[nth]!
    const state = this.player.tracks[0]
    const before = state.value
    this.player.seek(picture.t)
    const settled = ['incomplete', 'changed', 'undecodable']
    const end = performance.now() + 5000
    while (performance.now() < end) {
      const { status, t } = state.value
      if (state.value !== before && settled.includes(status)) break
      if (status === 'shown' && t === picture.t) break
      await new Promise((done) => setTimeout(done, 10)) // polls
    }
    // The canvas of the page shows what the worker drew with the next frame of the browser.
    for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done))
    const painted = Math.round(picture.atUs / 1000 - performance.timeOrigin) & 0xffffff
    return { status: state.value.status, count: readCount(this.canvas), painted }
  }
}

/** Of a tone: how often it crosses zero upwards, in its middle. */
function hertzOf(parts: readonly Float32Array[]): number {
  const middle = parts.slice(parts.length >> 2, (parts.length * 3) >> 2)
  let crossings = 0
  let samples = 0
  for (const part of middle) {
    samples += part.length
    for (let at = 1; at < part.length; at++) if (part[at - 1]! < 0 && part[at]! >= 0) crossings++
  }
  return (crossings * SAMPLE_RATE) / samples
}

/** A tone as the microphone's track. */
class Tone {
  readonly stream: MediaStream

  constructor(hertz: number) {
    const context = new AudioContext()
    const tone = context.createOscillator()
    const out = context.createMediaStreamDestination()
    tone.frequency.value = hertz
    tone.connect(out)
    tone.start()
    void context.resume()
    this.stream = out.stream
  }
}

class Rig {
  review: Review | undefined
  readonly loop = new Loop()
  readonly camera = new Painter(640, 480, 10)
  readonly screen = new Painter(1920, 1080, 5)
  readonly microphone = new Tone(440)
  /** What a listener hears of the microphone: the newest loudness, and samples. */
  level = -1
  evidence: Evidence | undefined
  viewer: Viewer | undefined
  evidenceState: EvidenceState | undefined
  readonly pictures: Record<string, PictureState> = {}
  readonly canvases: Record<string, HTMLCanvasElement> = {}
  sessionKey: SessionKey | undefined

  /** Begins without a connection: everything stays on the device. */
  async beginOffline(): Promise<void> {
    this.loop.cut()
    await this.begin()
  }

  /** Records of earlier page loads: count and holes. */
  older(): { records: number; holes: number } {
    const old = this.loop.stored.filter((s) => s.header.epoch !== this.evidence?.epoch)
    const last = new Map<number, number>()
    for (const { header } of old)
      last.set(header.stream, Math.max(last.get(header.stream) ?? 0, header.seq + 1))
    const should = [...last.values()].reduce((sum, n) => sum + n, 0)
    return { records: old.length, holes: should - old.length }
  }

  async begin(): Promise<void> {
    const stored = await makeIdentity('a passphrase for a test')
    const identity = await unlockIdentity(stored, 'a passphrase for a test')
    const made = await makeSessionKey([{ user: 1, box_public: stored.box_public }])
    const wrapped = made.keys[0]!.wrapped
    this.sessionKey = await openSessionKey(identity, { public_key: made.public_key, wrapped })
    this.evidence = startEvidence({
      attempt: ATTEMPT,
      session: 1,
      publicKey: made.public_key,
      sources: {
        webcam: this.camera.stream,
        screen: this.screen.stream,
        microphone: this.microphone.stream,
      },
      socket: this.loop as never,
      onState: (state) => (this.evidenceState = state),
    })
  }

  watch(unlocked: boolean): void {
    this.viewer = openViewer({
      socket: this.loop as never,
      session: 1,
      sessionKey: unlocked ? this.sessionKey! : null,
      loadKeys: async () => [...this.loop.keys].map(([epoch, wrapped]) => ({ epoch, wrapped })),
    })
    for (const track of ['webcam', 'screen'] as const)
      for (const quality of ['full', 'low'] as const) {
        const name = `${track} ${quality}`
        const canvas = document.createElement('canvas')
        document.body.append(canvas)
        this.canvases[name] = canvas
        this.viewer.show(ATTEMPT, track, canvas, quality, (state) => (this.pictures[name] = state))
      }
    this.viewer.level(ATTEMPT, (level) => (this.level = level))
  }

  unlock(): void {
    this.viewer!.setSessionKey(this.sessionKey!)
  }

  count(name: string): number {
    return readCount(this.canvases[name]!)
  }

  /** Age of what is shown, by the painted number, in milliseconds; -1: unreadable. */
  age(name: string): number {
    const count = this.count(name)
    return count < 0 ? -1 : (Math.round(performance.now()) - count) & 0xffffff
  }

  /** The tone in what was recorded of the microphone, in hertz, and how many seconds of it there are. */
  async heard(): Promise<{ hertz: number; seconds: number; loudest: number }> {
    const secret = await this.secret()
    const parts: Float32Array[] = []
    const decoder = new SoundDecoder(
      ({ samples }) => parts.push(samples),
      (why) => console.error(why),
    )
    let frames = 0
    let loudest = 0
    for (const { header, record } of this.loop.stored) {
      if (header.stream !== Stream.microphone || header.kind !== Kind.audio) continue
      const plain = await openRecord(await streamKey(secret, header.epoch, header.stream), record)
      const read = readSound(plain)
      frames += read.length
      loudest = Math.max(loudest, ...read.map((frame) => frame.level))
      decoder.take(header, plain)
    }
    await decoder.flush()
    return { hertz: hertzOf(parts), seconds: (frames * FRAME_US) / 1e6, loudest }
  }

  private secret(): Promise<Bytes> {
    const epoch = this.evidence!.epoch
    return openMediaKey(this.sessionKey!, ATTEMPT, epoch, this.loop.keys.get(epoch)!)
  }

  /** Sealed records in the order of the index, for the test to serve. */
  stored(): number[][] {
    return this.loop.stored.map(({ record }) => [...record])
  }

  /** Takes one record out, as if it never came. */
  lose(stream: number, seq: number): void {
    const at = this.loop.stored.findIndex((s) => s.header.stream === stream && s.header.seq === seq)
    this.loop.stored.splice(at, 1)
  }

  damage(stream: number, seq: number): void {
    const found = this.loop.stored.find((s) => s.header.stream === stream && s.header.seq === seq)
    found!.record[50]! ^= 1
  }

  async openReview(): Promise<Picture[]> {
    this.review = new Review(this.loop.stored, this.evidence!.epoch, await this.secret())
    return this.review.webcam
  }

  /** What a reviewer could verify of everything that was stored. */
  async verify(): Promise<object> {
    const problems: string[] = []
    const seqs = new Map<number, number[]>()
    let end: Record<string, number> = {}
    const stills: number[] = []
    for (const { header, record } of this.loop.stored) {
      const { epoch, stream, seq } = header
      if (epoch !== this.evidence!.epoch) continue
      seqs.set(stream, [...(seqs.get(stream) ?? []), seq])
      const secret = await openMediaKey(
        this.sessionKey!,
        ATTEMPT,
        epoch,
        this.loop.keys.get(epoch)!,
      )
      const plain = await openRecord(await streamKey(secret, epoch, stream), record).catch(
        () => null,
      )
      if (!plain) problems.push(`${stream}/${seq} does not open`)
      else if (header.kind === Kind.end) end = readJson<{ streams: typeof end }>(plain).streams
      else if (header.kind === Kind.still) stills.push(plain[0]!)
    }
    for (const [stream, list] of seqs) {
      const sorted = [...list].sort((a, b) => a - b)
      sorted.forEach((seq, at) => {
        if (seq !== at) problems.push(`stream ${stream}: ${seq} where ${at} should be`)
      })
      if (end[stream] !== undefined && end[stream] !== sorted.length - 1)
        problems.push(`stream ${stream}: END says ${end[stream]}, ${sorted.length} came`)
    }
    const bytes = (stream: number): number =>
      this.loop.stored
        .filter((s) => s.header.stream === stream)
        .reduce((n, s) => n + s.record.length, 0)
    return {
      problems,
      end,
      stills,
      counts: Object.fromEntries([...seqs].map(([stream, list]) => [stream, list.length])),
      bytes: Object.fromEntries([...seqs.keys()].map((stream) => [stream, bytes(stream)])),
      doubles: this.loop.doubles,
      late: this.loop.stored.filter((s) => s.late).length,
      keys: this.loop.stored.filter((s) => s.header.flags & Flag.key && s.header.kind === 0).length,
    }
  }
}

const violations: string[] = []
addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective))
Object.assign(globalThis, { rig: new Rig(), violations })
