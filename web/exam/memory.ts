// What this device remembers of an exam besides the answers (web/lib/journal.ts), so that a reload or a
// restarted browser opens it again without a connection: what it is, the paper, the events of both
// streams, where the person was, marks, the wish to hand in, and the clock. Kept in the vault.
//
// Events: the newest answer to each question stands alone, all others in pages that follow each other
// without a gap. The older answers and what only staff see are numbers without content, which is all
// that the core needs of them.
import { fromBase64url, toBase64url } from '@/lib/wire/bytes'
import { fromBytes, toBytes, type Change, type Vault } from '@/lib/vault'
import type { ExamInfo, Paper } from '@/lib/types'

export interface Things {
  info: ExamInfo
  paper: Paper
  /** The name of what is taken, which outlasts the paper. */
  title: string
  place: { current: number; seen: number[] }
  marks: [item: number, on: boolean][]
  /** Handed in on this device at this time of the server's and of the device's clock. */
  wish: { at_ms: number; device_ms: number }
  /** Such a wish when another device went on; told: the record has it. */
  left: { at_ms: number; device_ms: number; told: boolean }
  clock: { skew: number; seen_ms: number }
}

export type StreamName = 'session' | 'attempt'
type Answered = { item: number; ver: number; event: string }
type Page = { from: number; to: number; events: [ver: number, event: string][] }

/** Events come many at once and can be asked again from the server: they are written together, this much
 * later. What the person did is written at once. */
const FLUSH_MS = 200
/** Of these the person may need something when all else is forgotten. */
const LASTING = ['receipt-', 'title', 'wish', 'left']

class StreamLog {
  readonly events = new Map<number, Uint8Array>()
  upto = 0
  private flushed = 0
  private rest: Page['events'] = []
  private readonly answers = new Map<number, Answered>()

  constructor(private readonly name: StreamName) {}

  restore(pages: readonly Page[], answers: readonly Answered[]): void {
    for (const page of [...pages].sort((a, b) => a.from - b.from)) {
      // A page that could not be written leaves a gap; pages behind it may say again what came later.
      if (page.from > this.upto + 1) break
      if (page.to <= this.upto) continue
      this.upto = page.to
      for (const [ver, event] of page.events) this.events.set(ver, fromBase64url(event))
    }
    for (const { ver, event } of answers)
      if (ver <= this.upto) this.events.set(ver, fromBase64url(event))
    this.flushed = this.upto
  }

  /** false: not the next one. */
  add(ver: number, event: Uint8Array | null, answerTo: number): boolean {
    if (ver !== this.upto + 1) return false
    this.upto = ver
    if (!event) return true
    const text = toBase64url(event)
    if (answerTo) this.answers.set(answerTo, { item: answerTo, ver, event: text })
    else this.rest.push([ver, text])
    return true
  }

  changes(): Change[] {
    if (this.flushed === this.upto) return []
    const page: Page = { from: this.flushed + 1, to: this.upto, events: this.rest }
    const number = String(page.from).padStart(10, '0')
    const out: Change[] = [[`page-${this.name}-${number}`, toBytes(page)]]
    for (const answer of this.answers.values())
      out.push([`answered-${answer.item}`, toBytes(answer)])
    this.flushed = this.upto
    this.rest = []
    this.answers.clear()
    return out
  }
}

export class Memory {
  readonly streams = { session: new StreamLog('session'), attempt: new StreamLog('attempt') }
  private readonly things: Partial<Things> = {}
  private names: Set<string> = new Set()
  private changed: Map<string, Change[1]> = new Map()
  private timer: ReturnType<typeof setTimeout> | undefined
  private writes: Promise<void> = Promise.resolve()
  private closed = false

  private constructor(
    private readonly vault: Vault | null,
    private readonly attempt: number,
  ) {}

  static async open(vault: Vault | null, attempt: number): Promise<Memory> {
    const memory = new Memory(vault, attempt)
    const kept = await vault?.read('kept', attempt).catch(() => undefined)
    if (kept) memory.restore(kept)
    return memory
  }

  private restore(kept: ReadonlyMap<number | string, Uint8Array>): void {
    const pages: Record<StreamName, Page[]> = { session: [], attempt: [] }
    const answers: Answered[] = []
    for (const [part, bytes] of kept) {
      const name = String(part)
      this.names.add(name)
      if (name.startsWith('receipt-')) continue
      const value = fromBytes(bytes)
      if (name.startsWith('page-session-')) pages.session.push(value as Page)
      else if (name.startsWith('page-attempt-')) pages.attempt.push(value as Page)
      else if (name.startsWith('answered-')) answers.push(value as Answered)
      else Object.assign(this.things, { [name]: value })
    }
    this.streams.session.restore(pages.session, [])
    this.streams.attempt.restore(pages.attempt, answers)
  }

  all(): Readonly<Partial<Things>> {
    return this.things
  }

  /** Is this enough to open the exam without the server? */
  get complete(): boolean {
    const { session, attempt } = this.streams
    return this.things.info !== undefined && session.upto > 0 && attempt.upto > 0
  }

  get<K extends keyof Things>(name: K): Things[K] | undefined {
    return this.things[name]
  }

  set<K extends keyof Things>(name: K, value: Things[K] | null): void {
    if (value === null) delete this.things[name]
    else this.things[name] = value
    this.change(name, value === null ? null : toBytes(value))
  }

  /** The next event of a stream; null: one that only staff see. answerTo: its question, 0 for others. */
  saw(stream: StreamName, ver: number, event: Uint8Array | null, answerTo = 0): void {
    if (!this.closed && this.streams[stream].add(ver, event, answerTo)) this.soon(FLUSH_MS)
  }

  /** Writes what is waiting; resolves when it is on the disk, or cannot be. */
  flush(): Promise<void> {
    clearTimeout(this.timer)
    this.timer = undefined
    const { session, attempt } = this.streams
    const changes: Change[] = [...session.changes(), ...attempt.changes(), ...this.changed]
    this.changed = new Map()
    for (const [part] of changes) this.names.add(String(part))
    if (changes.length) this.writes = this.writes.then(() => this.write(changes))
    return this.writes
  }

  /** The exam is over and complete: only receipts stay, and what they are of. */
  async forget(): Promise<void> {
    await this.flush()
    this.closed = true
    const gone = [...this.names].filter((name) => !LASTING.some((kept) => name.startsWith(kept)))
    await this.write(gone.map((name) => [name, null] as const))
  }

  private change(name: string, plain: Change[1]): void {
    if (this.closed && !LASTING.includes(name)) return
    this.changed.set(name, plain)
    clearTimeout(this.timer)
    this.timer = undefined
    this.soon(0)
  }

  private soon(waitMs: number): void {
    if (this.vault) this.timer ??= setTimeout(() => void this.flush(), waitMs)
  }

  // What cannot be written is asked from the server again; answers have their own journal.
  private async write(changes: readonly Change[]): Promise<void> {
    await this.vault?.write('kept', this.attempt, changes).catch(() => undefined)
  }
}
