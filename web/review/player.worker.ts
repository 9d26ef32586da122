// Plays all tracks in one clock: fetches, opens and decodes what the instant needs. When
// records are not there in time the clock waits, so that pictures and sound always belong together.
import { streamKey, type Bytes } from '@/lib/keys'
import { StreamDecoder } from '@/lib/media/decoder'
import {
  openRecord,
  readHeader,
  readIndex,
  readJson,
  splitRecords,
  type StreamEnds,
} from '@/lib/media/record'
import {
  decodeFrom,
  neighbour,
  pictureAt,
  readRecording,
  TRACKS,
  type Picture,
  type Recording,
  type TrackId,
} from './model/recording.ts'
import { Records } from '@/lib/media/records'
import { readLevels, SoundTrack, type Opened } from './sound.ts'
import type { FromPlayer, PlayStatus, ToPlayer, TrackState } from './player-messages.ts'

const BEAT_MS = 25
const TELL_MS = 66
const AHEAD_MS = 6000
const RETRY_MS = 1500
const say = (message: FromPlayer, transfer: Transferable[] = []): void =>
  postMessage(message, { transfer })

/** Keys by epoch and stream; a record without one waits for the passphrase. */
class Keys {
  private readonly secrets = new Map<number, Bytes>()
  private readonly keys = new Map<string, Promise<CryptoKey>>()

  add(epoch: number, secret: Bytes): void {
    this.secrets.set(epoch, secret)
  }

  async open(record: Bytes): Promise<Bytes | undefined> {
    const { epoch, stream } = readHeader(record)
    const secret = this.secrets.get(epoch)
    if (!secret) return undefined
    const name = `${epoch}/${stream}`
    let key = this.keys.get(name)
    if (!key) this.keys.set(name, (key = streamKey(secret, epoch, stream)))
    return openRecord(await key, record)
  }
}

class Screen {
  private canvas: OffscreenCanvas | undefined
  private context: OffscreenCanvasRenderingContext2D | null = null

  set(canvas: OffscreenCanvas): void {
    this.canvas = canvas
    this.context = canvas.getContext('2d', { alpha: false })
  }

  draw(frame: VideoFrame): void {
    if (!this.canvas || !this.context) return
    const { displayWidth, displayHeight } = frame
    if (this.canvas.width !== displayWidth) this.canvas.width = displayWidth
    if (this.canvas.height !== displayHeight) this.canvas.height = displayHeight
    this.context.drawImage(frame, 0, 0)
  }

  clear(): void {
    if (this.canvas) this.context?.clearRect(0, 0, this.canvas.width, this.canvas.height)
  }
}

/** One track: brings the picture of the wanted instant onto its canvas. */
class TrackPlayer {
  readonly screen = new Screen()
  private wanted = -1
  private fed = -1
  private retryMs = 0
  private working = false
  private told = ''
  private broken = ''
  private state: TrackState = { status: 'empty', t: 0, width: 0, height: 0, why: '' }
  private readonly decoder = new StreamDecoder(
    ({ frame, atUs }) => this.show(frame, atUs),
    (why) => (this.broken = why),
    false,
  )

  constructor(
    readonly track: TrackId,
    private readonly pictures: readonly Picture[],
    private readonly records: Records,
    private readonly keys: Keys,
  ) {}

  /** The clock must wait for this track. */
  get behind(): boolean {
    return this.state.status === 'offline' || (this.working && this.state.status === 'loading')
  }

  want(t: number): void {
    const at = pictureAt(this.pictures, t)
    if (at === this.wanted && performance.now() < this.retryMs) return
    if (at === this.wanted && (this.working || this.state.status === 'shown')) return
    this.wanted = at
    if (at < 0) {
      this.screen.clear()
      this.tell('empty')
    } else if (!this.working) void this.work()
  }

  /** Tries again what failed: a key has come, the connection is back. */
  again(): void {
    this.fed = -1
    if (!this.working && this.wanted >= 0) void this.work()
  }

  prefetch(from: number, to: number): void {
    const first = Math.max(0, pictureAt(this.pictures, from))
    for (let i = first; i < this.pictures.length && this.pictures[i]!.t <= to; i++)
      this.records.prefetch(this.pictures[i]!.place)
  }

  private async work(): Promise<void> {
    this.working = true
    try {
      while (this.wanted >= 0 && this.fed !== this.wanted) if (!(await this.feedNext())) break
    } catch (error) {
      this.fed = -1
      this.retryMs = performance.now() + RETRY_MS
      this.tell(errorStatus(error as Error), (error as Error).message)
    } finally {
      this.working = false
    }
  }

  /** Gives the decoder the next record on the way to the wanted picture. */
  private async feedNext(): Promise<boolean> {
    const start = decodeFrom(this.pictures, this.wanted)
    if (start < 0) {
      this.tell('incomplete')
      this.screen.clear()
      return false
    }
    const goesOn = this.fed >= start - 1 && this.fed < this.wanted && this.fed >= 0
    const next = goesOn ? this.fed + 1 : start
    const picture = this.pictures[next]!
    const slow = setTimeout(() => this.tell('loading'), 150)
    try {
      const record = await this.records.read(picture.place)
      const plain = await this.keys.open(record)
      if (!plain) {
        this.tell('locked')
        return false
      }
      this.decoder.take(readHeader(record), plain)
    } finally {
      clearTimeout(slow)
    }
    if (this.broken) throw new DOMException(this.broken, 'EncodingError')
    this.fed = next
    // A number is missing on the way here: no picture before the next key frame.
    if (next === this.wanted && this.decoder.waitsForKey) this.tell('incomplete')
    // Let pictures come out, and a new wish come in, before the queue grows.
    while (this.decoder.queue > 6) await new Promise((done) => setTimeout(done, 2))
    return true
  }

  private show(frame: VideoFrame, atUs: number): void {
    const target = this.pictures[this.wanted]
    // On the way to another instant only that picture is worth drawing; while playing each is.
    const near = target && target.atUs - atUs < 700_000 && target.atUs >= atUs
    if (target && (atUs === target.atUs || (near && this.decoder.queue <= 1))) {
      this.screen.draw(frame)
      this.state.width = frame.displayWidth
      this.state.height = frame.displayHeight
      if (atUs === target.atUs) this.tell('shown')
    }
    frame.close()
  }

  private tell(status: PlayStatus, why = ''): void {
    const t = status === 'shown' ? (this.pictures[this.wanted]?.t ?? 0) : 0
    this.state = { ...this.state, status, why, t }
    this.broken = ''
    const key = `${status}/${why}/${this.state.width}x${this.state.height}/${Math.floor(t / 500)}`
    if (key === this.told) return
    this.told = key
    say({ type: 'track', track: this.track, state: this.state })
  }
}

function errorStatus(error: Error): PlayStatus {
  if (error.name === 'RecordError') return 'changed'
  return error.name === 'EncodingError' || error instanceof DOMException ? 'undecodable' : 'offline'
}

class Player {
  private readonly keys = new Keys()
  private readonly recording: Recording
  private readonly records: Records
  private readonly players: TrackPlayer[]
  private readonly sound: SoundTrack
  private toldLevels = false
  private readonly seqs = new Map<string, number>()
  private t: number
  private playing = false
  private speed = 1
  private beatMs = 0
  private toldMs = 0
  private fetchedAt = -Infinity

  constructor(private readonly o: Extract<ToPlayer, { type: 'open' }>) {
    const entries = readIndex(o.index)
    this.recording = readRecording(entries)
    for (const { epoch, stream } of entries) {
      const name = `${epoch}/${stream}`
      this.seqs.set(name, (this.seqs.get(name) ?? 0) + 1)
    }
    this.records = new Records(entries.length, (from, count) => this.fetchSome(from, count))
    this.players = TRACKS.map(
      (track) => new TrackPlayer(track, this.recording.tracks[track], this.records, this.keys),
    )
    this.sound = new SoundTrack(
      this.recording.sound,
      (place) => this.opened(place),
      (t, samples) => say({ type: 'sound', t, samples }, [samples.buffer]),
    )
    this.t = o.from
    setInterval(() => this.beat(), BEAT_MS)
  }

  private async fetchSome(from: number, count: number): Promise<Bytes> {
    const address = `/api/attempts/${this.o.attempt}/records?from=${from}&count=${count}`
    const response = await fetch(address, { credentials: 'same-origin' })
    if (!response.ok) throw new Error(`The server answered ${response.status}.`)
    return new Uint8Array(await response.arrayBuffer())
  }

  /** A record in the clear; undefined: its key is not open. */
  private async opened(place: number): Promise<Opened | undefined> {
    const record = await this.records.read(place)
    const plain = await this.keys.open(record)
    return plain && { header: readHeader(record), plain }
  }

  /** The loudness of the whole recording: one record of each half minute, one after the other. */
  private async tellLevels(): Promise<void> {
    if (this.toldLevels) return
    this.toldLevels = true
    for (const picture of this.recording.levels) {
      const [record] = splitRecords(await this.fetchSome(picture.place, 1))
      const plain = record && (await this.keys.open(record))
      if (plain) say({ type: 'levels', levels: readLevels(picture.t, plain) })
    }
  }

  private get waiting(): boolean {
    return this.players.some((player) => player.behind)
  }

  private beat(): void {
    const now = performance.now()
    const passed = Math.min(250, now - this.beatMs)
    this.beatMs = now
    if (this.playing && !this.waiting) {
      this.t = Math.min(this.o.to, this.t + passed * this.speed)
      if (this.t >= this.o.to) this.playing = false
    }
    if (this.playing) this.follow()
    if (this.playing && !this.waiting) this.sound.follow(this.t, this.speed)
    else this.sound.stop()
    if (now - this.toldMs >= TELL_MS) this.tell()
  }

  private tell(): void {
    this.toldMs = performance.now()
    say({ type: 'time', t: this.t, playing: this.playing, waiting: this.playing && this.waiting })
  }

  private follow(): void {
    for (const player of this.players) player.want(this.t)
    if (Math.abs(this.t - this.fetchedAt) < (AHEAD_MS * this.speed) / 8) return
    this.fetchedAt = this.t
    for (const player of this.players)
      player.prefetch(this.t, this.t + AHEAD_MS * Math.max(1, this.speed))
  }

  private seek(t: number): void {
    this.t = Math.max(this.o.from, Math.min(this.o.to, t))
    this.sound.stop()
    this.follow()
    this.tell()
  }

  private step(forward: boolean): void {
    this.playing = false
    const all = TRACKS.map((track) => neighbour(this.recording.tracks[track], this.t, forward))
    const known = all.filter((t) => t !== undefined)
    if (known.length) this.seek(forward ? Math.min(...known) : Math.max(...known))
  }

  /** What the END records say, against what is there. */
  private async checkEnds(): Promise<void> {
    const missing: { stream: number; count: number }[] = []
    for (const end of this.recording.ends) {
      const record = await this.records.read(end.place)
      const plain = await this.keys.open(record)
      if (!plain) continue
      for (const [stream, last] of Object.entries(readJson<StreamEnds>(plain).streams)) {
        const count = last + 1 - (this.seqs.get(`${end.epoch}/${stream}`) ?? 0)
        if (count > 0) missing.push({ stream: Number(stream), count })
      }
    }
    say({ type: 'ends', missing })
  }

  private async still(place: number): Promise<void> {
    const plain = await this.records
      .read(place)
      .then((record) => this.keys.open(record))
      .catch(() => undefined)
    const picture = plain ? plain.slice(1) : null
    say({ type: 'still', place, track: plain?.[0] ?? 0, picture })
  }

  take(message: ToPlayer): void {
    switch (message.type) {
      case 'open':
        return this.follow()
      case 'key':
        this.keys.add(message.epoch, message.secret)
        for (const player of this.players) player.again()
        void this.tellLevels().catch(() => (this.toldLevels = false))
        return void this.checkEnds().catch(() => {})
      case 'canvas':
        this.players[message.track]?.screen.set(message.canvas)
        return this.players[message.track]?.again()
      case 'play':
        if (message.playing && this.t >= this.o.to) this.t = this.o.from
        this.playing = message.playing
        this.beatMs = performance.now()
        return this.tell()
      case 'speed':
        this.speed = message.speed
        return this.sound.stop()
      case 'seek':
        return this.seek(message.t)
      case 'step':
        return this.step(message.forward)
      case 'still':
        return void this.still(message.place)
    }
  }
}

let player: Player | undefined

addEventListener('message', (event: MessageEvent<ToPlayer>) => {
  if (event.data.type === 'open') player ??= new Player(event.data)
  player?.take(event.data)
})
