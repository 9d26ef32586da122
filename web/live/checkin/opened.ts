// The pictures that one candidate showed at the door, fetched and opened as they are stored. Who looked is
// on record: the server notes each time.
import { effect, signal } from '@preact/signals'
import { api, apiBytes } from '@/lib/api'
import { fromHex, openMediaKey, streamKey, type Bytes } from '@/lib/keys'
import { openRecord, readHeader, readIndex } from '@/lib/media/record'
import { Records } from '@/lib/media/records'
import type { Proof } from '@/lib/gen/words'
import type { Event } from '@/lib/gen/wire'
import { readShown, type Opened, type Shown } from '@/staff/shown'
import { loadHistory } from '../history.ts'
import type { Pictures } from '../pictures.ts'
import type { Monitor } from '../store.ts'

export interface Registered {
  email: string
}

export class ShownPictures {
  readonly shown = signal<Record<Proof, Shown> | null>(null)
  readonly opened = signal<ReadonlyMap<number, Opened>>(new Map())
  readonly registered = signal<Registered | null>(null)
  /** Why the pictures could not be fetched; ''. */
  readonly problem = signal('')
  private readonly secrets = new Map<number, Promise<Bytes>>()
  private over = false
  private times = -1
  private readonly stop: () => void

  constructor(
    readonly attempt: number,
    private readonly monitor: Monitor,
    private readonly pictures: Pictures,
  ) {
    void loadHistory(monitor, attempt).then((why) => (this.problem.value = why))
    void api<Registered>('attempt_show', { id: attempt }).then((answer) => {
      if (answer.ok) this.registered.value = answer.value
    })
    this.stop = effect(() => this.follow())
  }

  close(): void {
    this.over = true
    this.stop()
    for (const { address } of this.opened.peek().values()) if (address) URL.revokeObjectURL(address)
  }

  private get events(): Event[] {
    return (this.monitor.histories.value.get(this.attempt) ?? []).map((one) => one.event)
  }

  /** Fetches anew when something more was shown, or when the key has come. */
  private follow(): void {
    const events = this.events
    const times = events.filter((event) => event.kind === 'proof_shown').length
    const key = this.pictures.sessionKey.value
    const known = this.shown.peek()
    this.shown.value = known && times === this.times ? merged(known, events) : readShown(events, [])
    if (!key || times === this.times) return
    this.times = times
    if (times > 0) void this.load()
  }

  async load(): Promise<void> {
    const index = await apiBytes('attempt_media', { id: this.attempt })
    this.problem.value = index.ok ? '' : index.text
    if (!index.ok || this.over) return
    const entries = readIndex(index.value)
    const shown = readShown(this.events, entries)
    this.shown.value = shown
    const records = new Records(entries.length, (from, count) => this.fetchSome(from, count))
    for (const { shots } of Object.values(shown))
      for (const { place } of shots) await this.open(records, place)
  }

  private async fetchSome(from: number, count: number): Promise<Bytes> {
    const some = await apiBytes('attempt_records', { id: this.attempt, query: { from, count } })
    if (!some.ok) throw new Error(some.text)
    return some.value.slice()
  }

  private async open(records: Records, place: number): Promise<void> {
    if (this.over || this.opened.peek().has(place)) return
    try {
      const record = await records.read(place)
      const plain = await this.decrypt(record)
      const address = URL.createObjectURL(new Blob([plain.slice(1)]))
      this.keep(place, { track: plain[0] ?? 0, address })
    } catch (error) {
      this.problem.value = (error as Error).message
      this.keep(place, { track: 0, address: '' })
    }
  }

  private keep(place: number, opened: Opened): void {
    if (this.over) return void (opened.address && URL.revokeObjectURL(opened.address))
    this.opened.value = new Map(this.opened.peek()).set(place, opened)
  }

  private async decrypt(record: Bytes): Promise<Bytes> {
    const { epoch, stream } = readHeader(record)
    let secret = this.secrets.get(epoch)
    if (!secret) this.secrets.set(epoch, (secret = this.secretOf(epoch)))
    return openRecord(await streamKey(await secret, epoch, stream), record)
  }

  private async secretOf(epoch: number): Promise<Bytes> {
    const key = this.pictures.sessionKey.peek()
    const added = this.events.find(
      (event) => event.kind === 'media_key_added' && event.epoch === epoch,
    )
    if (!key || added?.kind !== 'media_key_added') throw new Error('no key')
    // Over HTTP bytes come as hex, over the socket as they are.
    const wrapped = added.wrapped as Uint8Array | string
    const bytes = typeof wrapped === 'string' ? fromHex(wrapped) : wrapped.slice()
    return openMediaKey(key, this.attempt, epoch, bytes)
  }
}

/** The same pictures, with what was decided since. */
function merged(known: Record<Proof, Shown>, events: Event[]): Record<Proof, Shown> {
  const now = readShown(events, [])
  const of = (name: Proof): Shown => ({ ...now[name], shots: known[name].shots })
  return { id_photo: of('id_photo'), face_photo: of('face_photo'), room_scan: of('room_scan') }
}
