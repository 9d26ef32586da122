// Which device the exam goes on on. A device is a sign-in; the server says whether this one leads, and
// another one may only ask to take over. Knows no screen.
import { signal } from '@preact/signals'
import { clock } from '@/lib/clock'
import { refusals } from '@/lib/gen/words'
import type { LiveSocket } from '@/lib/socket'

/** As schema/wire.def says it; unknown: before the server's first word. */
export type SeatState = 'unknown' | 'elsewhere' | 'here' | 'asked' | 'declined'

const STATES = ['elsewhere', 'here', 'asked', 'declined'] as const

export class Seat {
  readonly state = signal<SeatState>('unknown')
  /** Why it was declined, in the words of the proctor. */
  readonly note = signal('')
  readonly askedMs = signal(0)
  /** Why asking is not possible now; 0: it is. */
  readonly refusal = signal(0)
  /** Another device goes on with what this one had begun. */
  readonly lost = signal(false)
  /** The server has said so over the present connection. */
  private confirmed = false
  private asking = false
  private readonly stops: (() => void)[]

  constructor(
    private readonly socket: LiveSocket,
    private readonly attempt: number,
    private readonly changed: (here: boolean) => void,
  ) {
    this.stops = [
      socket.on('welcome', () => void (this.confirmed = false)),
      socket.on('seat', ({ state, note }) => this.told(STATES[state] ?? 'elsewhere', note)),
      socket.closedBy.subscribe((why) => {
        if (why === 'other_device') this.told('elsewhere', '')
      }),
    ]
  }

  /** May this device write and send now, as far as is known? */
  get here(): boolean {
    return this.confirmed && this.state.peek() === 'here'
  }

  close(): void {
    for (const stop of this.stops) stop()
  }

  /** Asks to go on here. After this device was told that another one leads it comes back for that. */
  ask = async (): Promise<void> => {
    this.refusal.value = 0
    this.asking = true
    if (this.socket.closedBy.peek()) return this.socket.connect()
    await this.send()
  }

  private async send(): Promise<void> {
    this.asking = false
    this.askedMs.value = clock.now()
    const { refusal } = await this.socket.send({ kind: 'ask_takeover', device: 0 }, this.attempt)
    this.refusal.value = refusal === refusals.ALREADY.id ? 0 : refusal
  }

  private told(state: SeatState, note: string): void {
    const before = this.state.peek()
    this.confirmed = true
    if (state === 'here') this.lost.value = false
    else if (before === 'here') this.lost.value = true
    if (state === 'asked' && !this.askedMs.peek()) this.askedMs.value = clock.now()
    if (state !== 'asked') this.askedMs.value = 0
    this.note.value = note
    this.state.value = state
    this.changed(state === 'here')
    if (this.asking && state === 'elsewhere' && !this.socket.closedBy.peek()) void this.send()
  }
}
