// All that is known of the attempt under review: what happened, what was recorded, what was decided,
// and the way to decide. Components read its signals; it knows no component.
import { computed, effect, signal } from '@preact/signals'
import { api, apiBytes } from '@/lib/api'
import { fromHex, openMediaKey, openSessionKey, type Bytes, type Identity } from '@/lib/keys'
import { readIndex, type IndexEntry } from '@/lib/media/record'
import { LiveSocket } from '@/lib/socket'
import { streamId, type Command, type Row } from '@/lib/wire/codec'
import { refusalText, type ItemKind, type Settings } from '@/lib/words'
import type { QuestionNode, RoleName } from '@/lib/types'
import { identity, unlocked } from '@/staff/identity'
import { person } from '@/staff/account'
import { toast } from '@/ui'
import {
  findGaps,
  perLane,
  readRecording,
  TRACKS,
  type Gap,
  type LaneId,
  type Recording,
  type TrackId,
} from './model/recording.ts'
import { readTimeline, type CaseEvent } from './model/timeline.ts'
import { readShown } from '@/staff/shown'
import { Player } from './player.ts'
import { t } from './text.ts'

export interface CaseDetail {
  row: Row
  session: number
  session_name: string
  deadline_ms: number
  checks: { check: number; outcome: number; detail: string; at_ms: number }[]
  settings: Settings
}

export interface MarkedItem {
  number: number
  kind: ItemKind
  points: number
  name: string
  text: QuestionNode[]
  feedback: QuestionNode[]
  options: { number: number; text: QuestionNode[]; fraction: number; low?: number; high?: number }[]
}

export interface MarkedAnswer {
  item: number
  rev: number
  value: string
  stored_ms: number
  late: boolean
  points: number | null
}

export interface MarkedPaper {
  items: MarkedItem[]
  answers: MarkedAnswer[]
}

/** none: the person has no key; nothing: there is no recording at all. */
export type Lock = 'asking' | 'locked' | 'none' | 'open' | 'failed' | 'nothing' | 'offline'

const roleBits: Record<RoleName, number> = {
  candidate: 1,
  proctor: 2,
  reviewer: 4,
  grader: 8,
  planner: 16,
  administrator: 32,
  server: 64,
}

type Listed = Record<string, unknown> & { at: number; role: RoleName }

/** Events over HTTP are told in words and hex; here they are as they come over the socket. */
function listedEvent(listed: Listed): CaseEvent {
  const { at, role, ...rest } = listed
  const event: Record<string, unknown> = { ...rest, at_ms: at, role: roleBits[role] ?? 64 }
  if (typeof event.wrapped === 'string') event.wrapped = fromHex(event.wrapped)
  return event as unknown as CaseEvent
}

const NAMES = { 0: 'webcam', 1: 'screen', 2: 'phone' } as const

export class Case {
  readonly state = signal<'loading' | 'ready' | { failed: string }>('loading')
  readonly detail = signal<CaseDetail | null>(null)
  readonly paper = signal<MarkedPaper | null | 'failed'>(null)
  readonly events = signal<readonly CaseEvent[]>([])
  readonly recording = signal<Recording | null>(null)
  readonly index = signal<readonly IndexEntry[]>([])
  readonly lock = signal<Lock>('asking')
  readonly player = signal<Player | null>(null)
  /** Page loads whose key does not open. */
  readonly closedEpochs = signal(0)
  readonly chosen = signal(0)
  readonly timeline = computed(() => readTimeline(this.events.value))
  readonly socket = new LiveSocket()

  /** The time that is shown: events and recording together. */
  readonly span = computed(() => {
    const { from, to } = this.timeline.value
    const recording = this.recording.value
    if (!recording || recording.from > recording.to) return { from, to: Math.max(to, from + 1000) }
    return {
      from: Math.min(from || recording.from, recording.from),
      to: Math.max(to, recording.to),
    }
  })

  readonly gaps = computed((): Record<LaneId, Gap[]> => {
    const recording = this.recording.value
    if (!recording) return perLane(() => [])
    const { beganAt, endedAt, interruptions } = this.timeline.value
    const { to } = this.span.value
    const within = { from: beganAt || recording.from, to: endedAt || Math.max(recording.to, to) }
    return perLane((lane) => findGaps(recording, lane, within, interruptions))
  })

  /** Identity and room, as they were shown before the exam. */
  readonly shown = computed(() => readShown(this.events.value, this.index.value))

  /** Tracks that the session asks for or that were recorded. */
  readonly tracks = computed((): TrackId[] => {
    const settings = this.detail.value?.settings
    const asked = (track: TrackId): number => settings?.[NAMES[track]] ?? 0
    const recorded = (track: TrackId): boolean => !!this.recording.value?.tracks[track].length
    return TRACKS.filter((track) => asked(track) || recorded(track))
  })

  readonly hasSound = computed(
    () => !!this.detail.value?.settings.microphone || !!this.recording.value?.sound.length,
  )

  private stored: { public_key: string; wrapped: string } | null = null
  private opened = new Set<number>()
  private readonly stops: (() => void)[] = []

  constructor(readonly attempt: number) {}

  open(): void {
    this.socket.connect()
    this.stops.push(
      effect(() => {
        const own = identity.value
        if (own && this.lock.value === 'locked') void this.openWith(own)
      }),
    )
    void this.load()
  }

  close(): void {
    for (const stop of this.stops) stop()
    this.socket.close()
    this.player.peek()?.close()
  }

  // ---- loading ----

  async load(): Promise<void> {
    const id = this.attempt
    const [detail, events, paper] = await Promise.all([
      api<CaseDetail>('attempt_show', { id }),
      api<{ events: Listed[] }>('attempt_events', { id }),
      api<MarkedPaper>('attempt_paper', { id }),
    ])
    if (!detail.ok) return void (this.state.value = { failed: detail.text })
    if (!events.ok) return void (this.state.value = { failed: events.text })
    this.detail.value = detail.value
    this.events.value = events.value.events.map(listedEvent)
    this.paper.value = paper.ok ? paper.value : 'failed'
    this.state.value = 'ready'
    this.follow()
    await this.loadRecording()
  }

  private follow(): void {
    const seen = this.events.peek().at(-1)?.ver ?? 0
    this.stops.push(
      this.socket.follow(streamId('attempt', this.attempt), seen, {
        event: (event, ver) => {
          const me = person()
          const actor_name = event.actor === me?.user ? (me?.name ?? '') : this.nameOf(event.actor)
          const known = { ...event, ver, actor_name } as CaseEvent
          this.events.value = [...this.events.peek(), known]
          if (event.kind === 'media_key_added' && identity.peek()) void this.openKeys()
        },
      }),
    )
  }

  private nameOf(actor: number): string {
    return this.events.peek().find((event) => event.actor === actor)?.actor_name ?? ''
  }

  async loadRecording(): Promise<void> {
    const index = await apiBytes('attempt_media', { id: this.attempt })
    // Refused: the attempt never came as far as being recorded.
    const away = !index.ok && ['OFFLINE', 'FAULT', 'BUSY'].includes(index.refusal)
    if (!index.ok) return void (this.lock.value = away ? 'offline' : 'nothing')
    this.index.value = readIndex(index.value)
    const recording = readRecording(this.index.peek())
    if (recording.to < recording.from) return void (this.lock.value = 'nothing')
    this.recording.value = recording
    const { from, to } = this.span.value
    this.player.value = new Player(this.attempt, index.value.slice() as Bytes, from, to)
    const { beganAt } = this.timeline.value
    this.player.value.seek(Math.max(from, beganAt, recording.from + 500))
    await this.lookForKey()
  }

  // ---- keys ----

  private async lookForKey(): Promise<void> {
    const session = this.detail.peek()?.session ?? 0
    const answer = await api<{ public_key: string; wrapped: string }>('session_key', {
      id: session,
    })
    if (!answer.ok)
      return void (this.lock.value = answer.refusal === 'OFFLINE' ? 'offline' : 'none')
    this.stored = answer.value
    this.lock.value = answer.value.wrapped ? 'locked' : 'none'
  }

  async unlock(): Promise<void> {
    const own = await unlocked()
    if (own) await this.openWith(own)
  }

  private async openWith(own: Identity): Promise<void> {
    if (!this.stored?.wrapped) return
    try {
      const key = await openSessionKey(own, this.stored)
      this.opener = (epoch, wrapped) => openMediaKey(key, this.attempt, epoch, wrapped)
    } catch {
      return void (this.lock.value = 'failed')
    }
    await this.openKeys()
    this.lock.value = 'open'
  }

  private opener: ((epoch: number, wrapped: Bytes) => Promise<Bytes>) | null = null

  private async openKeys(): Promise<void> {
    let closed = 0
    for (const event of this.events.peek()) {
      if (event.kind !== 'media_key_added' || this.opened.has(event.epoch) || !this.opener) continue
      try {
        const secret = await this.opener(event.epoch, event.wrapped.slice())
        this.player.peek()?.addKey(event.epoch, secret)
        this.opened.add(event.epoch)
      } catch {
        closed++
      }
    }
    this.closedEpochs.value = closed
  }

  // ---- deciding ----

  private async ask(command: Command): Promise<boolean> {
    const reply = await this.socket.send(command, this.attempt)
    if (reply.refusal) toast(refusalText(reply.refusal), { urgent: true })
    return reply.refusal === 0
  }

  async decide(flag: number, decision: 0 | 1 | 2, note = ''): Promise<boolean> {
    const before = this.timeline.peek().flags.find((line) => line.flag === flag)
    const undo = before && (() => void this.takeBack(flag, before.decision, before.decisionNote))
    // The event shows the decision before the reply is here: from then on it can be taken back.
    const earlier = this.undo
    this.undo = undo ?? null
    const done = await this.ask({ kind: 'decide_flag', flag, decision, note })
    if (!done) {
      if (this.undo === (undo ?? null)) this.undo = earlier
      return false
    }
    toast(t(`flags.done.${decision}`), undo ? { undo } : {})
    return true
  }

  /** Takes back the last decision of this page; null: there is none. */
  undo: (() => void) | null = null

  private async takeBack(flag: number, decision: number, note: string): Promise<void> {
    this.undo = null
    await this.ask({ kind: 'decide_flag', flag, decision, note })
  }

  async addFlag(o: {
    type: number
    severity: number
    from_ms: number
    to_ms: number
    note: string
  }): Promise<boolean> {
    const done = await this.ask({ kind: 'flag', ...o })
    if (done) toast(t('add.done'))
    return done
  }

  async giveVerdict(outcome: 1 | 2, note: string): Promise<boolean> {
    const done = await this.ask({ kind: 'give_verdict', outcome, note })
    if (done) toast(t('verdict.given'))
    return done
  }
}
