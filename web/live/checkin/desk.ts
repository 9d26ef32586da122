// What a proctor does at check-in: looks after one candidate at a time, decides, goes on.
import { effect, signal } from '@preact/signals'
import { clock, now } from '@/lib/clock'
import { limits, proofs, refusals, type Proof } from '@/lib/gen/words'
import type { Command, Row } from '@/lib/gen/wire'
import { wantedProofs } from '@/lib/proofs'
import { refusalText } from '@/lib/words'
import { person } from '@/staff/account'
import { go } from '@/staff/place'
import { start } from '../actions.ts'
import type { Live } from '../context.ts'
import { checkinPlace } from '../door.tsx'
import { atTheDoor, heldBy, nextOf, toDecide } from './model.ts'
import { ShownPictures } from './opened.ts'
import { t } from './text.ts'

/** Who does something is still there: told to the server this often. */
const RENEW_MS = limits.CHECKIN_HOLD_MS / 3
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'scroll'] as const

export const me = (): number => person()?.user ?? 0

export class Desk {
  /** Of the candidate who is looked at; null: nobody, or somebody else does. */
  readonly pictures = signal<ShownPictures | null>(null)
  readonly current = signal(0)
  private seenMs = clock.now()
  private takenMs = 0
  private readonly stops: (() => void)[] = []
  private readonly sign = (): void => void (this.seenMs = clock.now())

  constructor(private readonly live: Live) {
    for (const name of SIGNS) addEventListener(name, this.sign, { passive: true })
    this.stops.push(effect(() => this.keep()))
  }

  close(): void {
    this.choose(0)
    for (const name of SIGNS) removeEventListener(name, this.sign)
    for (const stop of this.stops) stop()
  }

  get wanted(): Proof[] {
    const settings = this.live.monitor.settings.value
    return wantedProofs((setting) => settings?.[setting] === 1)
  }

  rows(): Row[] {
    void this.live.monitor.pulse.value
    return atTheDoor(this.live.monitor.all())
  }

  /** Leaves the one before and takes this one; 0: nobody. */
  choose(attempt: number): void {
    const before = this.current.peek()
    if (before === attempt) return
    this.pictures.peek()?.close()
    this.pictures.value = null
    const held = this.live.monitor.peek(before)?.checkin_by === me()
    if (held) void this.live.monitor.act({ kind: 'release_checkin' }, [before])
    this.current.value = attempt
    this.live.control.current.value = attempt
    this.takenMs = 0
    if (attempt) void this.take(attempt)
  }

  private async take(attempt: number): Promise<void> {
    this.takenMs = clock.now()
    const [outcome] = await this.live.monitor.act({ kind: 'take_checkin' }, [attempt])
    const taken = outcome?.refusal === 0 || outcome?.refusal === refusals.ALREADY.id
    if (!taken || this.current.peek() !== attempt || this.pictures.peek()) return
    const { monitor, pictures } = this.live
    this.pictures.value = new ShownPictures(attempt, monitor, pictures)
  }

  /** Says from time to time that somebody is still here; takes who has become free. */
  private keep(): void {
    const at = now.value
    const row = this.live.monitor.row(this.current.value)?.value
    if (!row || (row.state !== 2 && row.state !== 3)) return
    const here = at - this.seenMs < RENEW_MS
    const due = at - Math.max(this.takenMs, row.checkin_ms) >= RENEW_MS
    const free = heldBy(row, me(), at) === 0 && row.checkin_by !== me() && at - this.takenMs > 2000
    if (here && !row.admitted && (due || free) && heldBy(row, me(), at) === 0)
      void this.take(row.attempt)
  }

  open(attempt: number): void {
    go(checkinPlace(this.live.monitor.session, attempt || undefined))
  }

  next(): void {
    this.open(nextOf(this.rows(), this.current.peek(), me(), clock.now()))
  }

  /** Whether it was accepted; a refusal is said. */
  private async ask(command: Command): Promise<boolean> {
    const attempt = this.current.peek()
    const [outcome] = await this.live.monitor.act(command, [attempt])
    const refusal = outcome?.refusal ?? refusals.FAULT.id
    const fine = refusal === 0 || refusal === refusals.ALREADY.id
    if (!fine) this.live.control.say(refusalText(refusal))
    return fine
  }

  accept(proof: Proof): Promise<boolean> {
    return this.ask({ kind: 'decide_proof', proof: proofs[proof].id, outcome: 1, reason: '' })
  }

  note(text: string): Promise<boolean> {
    return this.ask({ kind: 'note_checkin', text })
  }

  /** Accepts what is still to be looked at, lets the person in, and goes on to the next one. */
  async admit(row: Row): Promise<void> {
    for (const proof of toDecide(row, this.wanted)) if (!(await this.accept(proof))) return
    const next = nextOf(this.rows(), row.attempt, me(), clock.now())
    const came = await this.live.control.act('admit', { kind: 'admit' }, [row.attempt])
    if (came.refused.length === 0) this.open(next)
  }

  async redo(what: readonly Proof[], checks: boolean, reason: string): Promise<void> {
    let fine = true
    for (const proof of what)
      fine &&= await this.ask({
        kind: 'decide_proof',
        proof: proofs[proof].id,
        outcome: 2,
        reason,
      })
    if (fine && checks) fine = await this.ask({ kind: 'ask_again', reason })
    const name = this.live.control.nameOf(this.current.peek())
    if (fine) this.live.control.say(t('done.redo', { name }))
  }

  decline(attempt: number): void {
    start(this.live, 'refuse', [attempt])
  }

  admitAll(attempts: readonly number[]): void {
    start(this.live, 'admit', attempts)
  }
}
