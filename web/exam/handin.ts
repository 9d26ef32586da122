// Handing in: first a wish on this device, with its time, then the answers, then the server's word. A
// wish that was made without a connection is completed later, also after the browser was closed. When
// another device went on meanwhile it ends nothing: this device says so, and the record hears of it.
import { signal } from '@preact/signals'
import type { Exam } from '@/exam/exam'
import type { Things } from '@/exam/memory'
import { clock } from '@/lib/clock'
import { refusals } from '@/lib/gen/words'

/** wish: on this device; answers, asking: on the way; recordings: taken, the rest is delivered. */
export type HandedIn = 'no' | 'wish' | 'answers' | 'asking' | 'recordings' | 'done'

const TRY_MS = 20000

/** The exam is held: it is handed in when it goes on. */
const PASSING = new Set<number>([
  refusals.IS_PAUSED.id,
  refusals.IS_LOCKED.id,
  refusals.IS_SYSTEM_PAUSED.id,
  refusals.NOT_STORED.id,
  refusals.BUSY.id,
])

export class HandIn {
  readonly state = signal<HandedIn>('no')
  readonly wish = signal<Things['wish'] | null>(null)
  /** What was wished here when another device went on. */
  readonly left = signal<Things['left'] | null>(null)
  /** Why the server did not take it; 0: it did not refuse. */
  readonly refusal = signal(0)
  private going = false
  private telling = false

  constructor(private readonly exam: Exam) {
    this.wish.value = exam.memory.get('wish') ?? null
    this.left.value = exam.memory.get('left') ?? null
    if (this.wish.value) this.state.value = 'wish'
  }

  async ask(): Promise<void> {
    this.refusal.value = 0
    this.setLeft(null)
    this.set({ at_ms: clock.now(), device_ms: Date.now() })
    this.state.value = 'wish'
    await this.exam.memory.flush()
    await this.goOn()
  }

  /** Whatever of the way is left, as soon as it can be gone. */
  async goOn(): Promise<void> {
    if (this.going || !this.wanted()) return
    this.going = true
    this.state.value = 'answers'
    while (this.wanted() && !(await this.exam.answers.settle(TRY_MS)));
    if (this.wanted()) await this.send()
    this.going = false
  }

  private async send(): Promise<void> {
    this.state.value = 'asking'
    const { device_ms } = this.wish.peek()!
    const { refusal } = await this.exam.ask({ kind: 'submit', device_ms })
    if (!refusal || refusal === refusals.ALREADY.id || !this.wanted()) return
    if (PASSING.has(refusal)) return void (this.state.value = 'wish')
    this.withdraw()
    this.refusal.value = refusal
  }

  private wanted(): boolean {
    return this.wish.peek() !== null && this.exam.state.peek() === 'active'
  }

  private set(wish: Things['wish'] | null): void {
    this.wish.value = wish
    this.exam.memory.set('wish', wish)
  }

  private setLeft(left: Things['left'] | null): void {
    this.left.value = left
    this.exam.memory.set('left', left)
  }

  private withdraw(): void {
    this.set(null)
    this.state.value = 'no'
  }

  /** Another device goes on with the exam. */
  leave(): void {
    const wish = this.wish.peek()
    if (wish && this.wanted()) {
      this.setLeft({ ...wish, told: false })
      this.withdraw()
    }
    void this.tell()
  }

  private async tell(): Promise<void> {
    const left = this.left.peek()
    if (this.telling || !left || left.told) return
    this.telling = true
    const { device_ms } = left
    const { refusal } = await this.exam.ask({ kind: 'tell_hand_in', device: 0, device_ms })
    this.telling = false
    if (!refusal && this.left.peek() === left) this.setLeft({ ...left, told: true })
  }

  reopened(at_ms: number): void {
    if ((this.wish.peek()?.at_ms ?? 0) < at_ms) this.set(null)
    this.state.value = this.wish.peek() ? 'wish' : 'no'
  }

  /** The exam is over. false: that was known. */
  over(): boolean {
    const known = this.state.peek() === 'recordings' || this.state.peek() === 'done'
    if (!known) this.state.value = 'recordings'
    return !known
  }

  done(): void {
    this.state.value = 'done'
  }
}
