// The page's side of the player: signals for what is drawn, one worker for the work.
import { signal } from '@preact/signals'
import type { Bytes } from '@/lib/keys'
import { scriptAddress } from '@/lib/trusted'
import type { FromPlayer, ToPlayer, TrackState } from './player-messages.ts'
import { Loud } from './loud.ts'
import { perTrack, TRACKS, type TrackId } from './model/recording.ts'
import { SPEED_MOST, type Level } from './sound.ts'
import workerAddress from './player.worker.ts?worker&url'

export type { PlayStatus, TrackState } from './player-messages.ts'

export const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4, 8] as const

export interface Still {
  track: number
  /** Address of the opened picture; '': it cannot be opened. */
  address: string
}

const nothing: TrackState = { status: 'empty', t: 0, width: 0, height: 0, why: '' }

export class Player {
  readonly t = signal(0)
  readonly playing = signal(false)
  readonly waiting = signal(false)
  readonly speed = signal(1)
  readonly tracks = perTrack(() => signal(nothing))
  readonly muted = signal(false)
  readonly levels = signal<readonly Level[]>([])
  private loud: Loud | undefined
  /** Records that the device made and the server does not have. */
  readonly missing = signal<{ stream: number; count: number }[]>([])
  readonly stills = signal<ReadonlyMap<number, Still>>(new Map())
  private readonly worker = new Worker(scriptAddress(workerAddress), { type: 'module' })

  constructor(attempt: number, index: Bytes, from: number, to: number) {
    this.t.value = from
    this.worker.onmessage = (event: MessageEvent<FromPlayer>) => this.heard(event.data)
    this.tell({ type: 'open', attempt, index, from, to })
  }

  private tell(message: ToPlayer, transfer: Transferable[] = []): void {
    this.worker.postMessage(message, transfer)
  }

  private heard(message: FromPlayer): void {
    switch (message.type) {
      case 'time':
        this.t.value = message.t
        this.playing.value = message.playing
        this.waiting.value = message.waiting
        if (!message.playing || message.waiting) this.loud?.hush()
        return this.loud?.clock(message.t, this.speed.peek())
      case 'sound':
        if (this.playing.peek() && this.audible) this.loud?.play(message.t, message.samples)
        return
      case 'levels':
        this.levels.value = [...this.levels.peek(), ...message.levels]
        return
      case 'track':
        this.tracks[message.track].value = message.state
        return
      case 'ends':
        this.missing.value = message.missing
        return
      case 'still':
        return this.keepStill(message)
    }
  }

  private keepStill({ place, track, picture }: Extract<FromPlayer, { type: 'still' }>): void {
    const blob = picture && new Blob([picture], { type: 'image/webp' })
    const still = { track, address: blob ? URL.createObjectURL(blob) : '' }
    this.stills.value = new Map(this.stills.value).set(place, still)
  }

  addKey(epoch: number, secret: Bytes): void {
    this.tell({ type: 'key', epoch, secret })
  }

  /** A canvas is handed over once, for as long as the page lives. */
  setCanvas(track: TrackId, canvas: HTMLCanvasElement): void {
    const handed = canvas.transferControlToOffscreen()
    this.tell({ type: 'canvas', track, canvas: handed }, [handed])
  }

  private get audible(): boolean {
    return !this.muted.peek() && this.speed.peek() <= SPEED_MOST
  }

  mute(): void {
    this.muted.value = !this.muted.value
    if (this.muted.value) this.loud?.hush()
  }

  toggle(): void {
    // Browsers let a page be heard only after a person did something.
    this.loud ??= new Loud()
    this.tell({ type: 'play', playing: !this.playing.value })
  }

  seek(t: number): void {
    this.t.value = t
    this.loud?.hush()
    this.tell({ type: 'seek', t })
  }

  skip(ms: number): void {
    this.seek(this.t.value + ms)
  }

  step(forward: boolean): void {
    this.tell({ type: 'step', forward })
  }

  setSpeed(speed: number): void {
    this.speed.value = speed
    this.loud?.hush()
    this.tell({ type: 'speed', speed })
  }

  faster(steps: number): void {
    const at = SPEEDS.indexOf(this.speed.value as (typeof SPEEDS)[number])
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + steps))] ?? 1)
  }

  wantStill(place: number): void {
    if (!this.stills.value.has(place)) this.tell({ type: 'still', place })
  }

  /** Whether anything can be shown at all. */
  get shownTracks(): TrackId[] {
    return TRACKS.filter((track) => this.tracks[track].value.width > 0)
  }

  close(): void {
    this.worker.terminate()
    this.loud?.close()
    for (const { address } of this.stills.value.values()) if (address) URL.revokeObjectURL(address)
  }
}
