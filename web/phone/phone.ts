// The phone's page as one object: its ticket, its connection, its recording. It knows nothing of the exam
// but whether it is on.
//
// The address is /phone/#TICKET.KEY: the ticket is for the server and good once; the key is the session's
// public key as the candidate's page knows it. What is behind # never reaches a server, so that no server
// can put a key of its own in the place of the session's.
import { effect, signal } from '@preact/signals'
import { api, type Refused } from '@/lib/api'
import { startTicking } from '@/lib/clock'
import { startEvidence, type Evidence, type EvidenceState } from '@/lib/media/candidate'
import { LiveSocket } from '@/lib/socket'
import { Camera } from '@/phone/camera'
import { battery, stayAwake, watchBattery } from '@/phone/power'

interface Pairing {
  attempt: number
  session: number
  session_name: string
  publicKey: string
}

const KEPT = 'invigil.phone'
const LOOK_MS = 1000

/** Of the message phone_wanted. */
const WANTED = ['preview', 'record', 'over'] as const
type Wanted = (typeof WANTED)[number]

export type Stage = 'opening' | 'no-ticket' | 'failed' | 'paired'

/** TICKET.KEY, where the ticket has a dot of its own. */
export function readAddress(hash: string): { ticket: string; publicKey: string } | null {
  const found = /^#(\d+\.[\w-]+)\.([\w-]{43})$/.exec(hash)
  return found ? { ticket: found[1]!, publicKey: found[2]! } : null
}

export class Phone {
  readonly stage = signal<Stage>('opening')
  readonly why = signal<Refused | null>(null)
  readonly pairing = signal<Pairing | null>(null)
  readonly wanted = signal<Wanted>('preview')
  readonly evidence = signal<EvidenceState | null>(null)
  /** Everything has arrived. */
  readonly done = signal(false)
  readonly camera = new Camera()
  readonly socket = new LiveSocket({ url: '/live/phone' })
  private recording: Evidence | null = null
  private reported = ''

  async open(): Promise<void> {
    const given = readAddress(location.hash)
    // A used ticket in the address would only be refused after a reload.
    history.replaceState(null, '', location.pathname)
    const pairing = given ? await this.pair(given) : kept()
    if (!pairing) return void (this.stage.value = this.why.peek() ? 'failed' : 'no-ticket')
    this.pairing.value = pairing
    this.stage.value = 'paired'
    this.begin()
  }

  private async pair(given: { ticket: string; publicKey: string }): Promise<Pairing | null> {
    const answer = await api<Omit<Pairing, 'publicKey'>>('phone_join', {
      body: { ticket: given.ticket },
    })
    if (!answer.ok) {
      this.why.value = answer
      return null
    }
    const pairing = { ...answer.value, publicKey: given.publicKey }
    localStorage.setItem(KEPT, JSON.stringify(pairing))
    return pairing
  }

  private begin(): void {
    startTicking()
    this.socket.on('phone_wanted', ({ what }) => {
      this.wanted.value = WANTED[what] ?? 'over'
    })
    this.socket.onConnected(() => (this.reported = ''))
    this.socket.connect()
    void watchBattery()
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void this.start()
    })
    setInterval(() => this.tend(), LOOK_MS)
    effect(() => this.follow())
    void this.start()
  }

  /** Camera and light of the screen; again whenever the page comes back to the front. */
  async start(): Promise<void> {
    if (this.wanted.peek() === 'over') return
    void stayAwake()
    if (this.camera.stream.peek()?.active) return
    await this.camera.start()
  }

  private tend(): void {
    if (this.wanted.peek() === 'over') return
    this.camera.look()
    const report = { battery: battery.peek(), problem: this.camera.trouble.peek() }
    const said = JSON.stringify(report)
    if (said === this.reported) return
    if (this.socket.sendMessage({ kind: 'phone_report', ...report })) this.reported = said
  }

  /** What is wanted, and what the camera gives. */
  private follow(): void {
    const wanted = this.wanted.value
    const stream = this.camera.stream.value
    if (wanted === 'over') return void this.finish()
    if (wanted === 'record' && stream && !this.recording) this.record()
    this.recording?.set('phone', wanted === 'record' ? stream : null)
  }

  private record(): void {
    const { attempt, session, publicKey } = this.pairing.peek()!
    this.recording = startEvidence({
      attempt,
      session,
      publicKey,
      sources: {},
      folder: `phone-${attempt}`,
      socket: this.socket,
      onState: (state) => (this.evidence.value = state),
    })
  }

  private async finish(): Promise<void> {
    if (this.done.peek()) return
    const { recording } = this
    this.recording = null
    await recording?.stop()
    this.camera.stop()
    localStorage.removeItem(KEPT)
    this.done.value = true
    this.socket.close()
  }
}

function kept(): Pairing | null {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? 'null') as Pairing | null
  } catch {
    return null
  }
}
