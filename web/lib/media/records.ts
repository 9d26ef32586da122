// The stored records of one attempt, fetched in blocks as they are needed and kept while there is
// room. Runs in the player's worker.
import type { Bytes } from '@/lib/keys'
import { splitRecords } from '@/lib/media/record'

const BLOCK = 64
const KEPT_BYTES = 64 * 1024 * 1024

export type Fetch = (from: number, count: number) => Promise<Bytes>

export class RecordError extends Error {
  override name = 'RecordError'
}

interface Block {
  records: Promise<Bytes[]>
  bytes: number
}

export class Records {
  private readonly blocks = new Map<number, Block>()
  private bytes = 0

  constructor(
    private readonly total: number,
    private readonly fetchSome: Fetch,
  ) {}

  /** Fetches what is not there yet, and waits for nothing. */
  prefetch(place: number): void {
    void this.block(Math.floor(place / BLOCK)).catch(() => {})
  }

  async read(place: number): Promise<Bytes> {
    const records = await this.block(Math.floor(place / BLOCK))
    const record = records[place % BLOCK]
    if (!record) throw new RecordError('The record is not stored.')
    return record
  }

  private block(number: number): Promise<Bytes[]> {
    const known = this.blocks.get(number)
    if (known) {
      this.blocks.delete(number) // to the end: used last
      this.blocks.set(number, known)
      return known.records
    }
    const block: Block = { records: this.load(number), bytes: 0 }
    this.blocks.set(number, block)
    block.records.then(
      (records) => this.keep(block, records),
      () => this.blocks.delete(number), // asked for again when it is needed again
    )
    return block.records
  }

  private async load(number: number): Promise<Bytes[]> {
    const from = number * BLOCK
    const count = Math.min(BLOCK, this.total - from)
    const out: Bytes[] = []
    while (out.length < count) {
      const some = splitRecords(await this.fetchSome(from + out.length, count - out.length))
      if (!some.length) break // the server has fewer than its index says
      out.push(...some)
    }
    return out
  }

  private keep(block: Block, records: readonly Bytes[]): void {
    block.bytes = records.reduce((n, record) => n + record.length, 0)
    this.bytes += block.bytes
    for (const [number, old] of this.blocks) {
      if (this.bytes <= KEPT_BYTES) return
      if (old === block || !old.bytes) continue
      this.blocks.delete(number)
      this.bytes -= old.bytes
    }
  }
}
