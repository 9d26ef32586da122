// The answers on this device: each change is written here before it is sent, and stays until the
// server's receipt says that it is stored. Survives a reload and the loss of the network.
//
// The newest revision of each question is kept, in the vault (web/lib/vault.ts), and beside it the
// newest receipt, which outlasts the texts. Without a vault the journal lives in memory, and `durable`
// says so: the page then tells the person.
import { fromBytes, toBytes, Vault } from '@/lib/vault'

export interface JournalEntry {
  item: number
  rev: number
  value: string
  device_ms: number
  /** The receipt of the server for exactly this revision; null: not yet stored there. Empty: stored,
   * but the receipt went to another page or device. */
  receipt: Uint8Array | null
  stored_ms: number
  /** Refused for good, with the number of the refusal; 0: not refused. */
  refusal: number
}

type StoredEntry = Omit<JournalEntry, 'receipt'> & { receipt: number[] | null }

const RECEIPT = 'receipt-'

export class Journal {
  private readonly entries = new Map<number, JournalEntry>()
  private readonly proofs = new Map<number, Uint8Array>()
  private writes: Promise<void> = Promise.resolve()
  /** Questions whose newest text could not be written: the disk is full, or the vault was closed. */
  private readonly unkept = new Set<number>()

  private constructor(
    readonly attempt: number,
    private readonly vault: Vault | null,
  ) {}

  /** Opens the journal of one attempt with what an earlier visit left in it. */
  static async open(attempt: number, vault?: Vault | null): Promise<Journal> {
    const from = vault === undefined ? await Vault.open() : vault
    try {
      const journal = new Journal(attempt, from)
      await journal.read()
      return journal
    } catch {
      return new Journal(attempt, null)
    }
  }

  /** false: what is typed lives only as long as this page. */
  get durable(): boolean {
    return this.vault !== null && !this.unkept.size
  }

  get(item: number): JournalEntry | undefined {
    return this.entries.get(item)
  }

  all(): JournalEntry[] {
    return [...this.entries.values()].sort((a, b) => a.item - b.item)
  }

  /** What the server has not confirmed yet, oldest change first. */
  unsent(): JournalEntry[] {
    return [...this.entries.values()]
      .filter((entry) => !entry.receipt && !entry.refusal)
      .sort((a, b) => a.device_ms - b.device_ms)
  }

  /** The newest receipt of each question, also after the texts were wiped. */
  receipts(): Uint8Array[] {
    return [...this.proofs].sort(([a], [b]) => a - b).map(([, receipt]) => receipt)
  }

  /** Writes a change; resolves when it is on the device. */
  put(entry: JournalEntry): Promise<void> {
    this.entries.set(entry.item, entry)
    // One after the other, so that an older revision never lands on a newer one.
    this.writes = this.writes
      .then(() => this.store(entry))
      .then(
        () => void this.unkept.delete(entry.item),
        () => void this.unkept.add(entry.item),
      )
    return this.writes
  }

  /** The server has stored this revision. A newer one typed meanwhile stays unsent. */
  confirm(item: number, rev: number, receipt: Uint8Array, stored_ms: number): Promise<void> {
    if (receipt.length) this.prove(item, receipt)
    const entry = this.entries.get(item)
    if (!entry || entry.rev !== rev) return Promise.resolve()
    return this.put({ ...entry, receipt, stored_ms, refusal: 0 })
  }

  refuse(item: number, rev: number, refusal: number): Promise<void> {
    const entry = this.entries.get(item)
    if (!entry || entry.rev !== rev) return Promise.resolve()
    return this.put({ ...entry, refusal })
  }

  /** All writes that were asked for are on the device. */
  settled(): Promise<void> {
    return this.writes
  }

  /** Forgets the texts of this attempt: all are stored at the server and the exam is over. */
  async wipe(): Promise<void> {
    await this.writes
    this.entries.clear()
    await this.vault?.clear('answers', this.attempt).catch(() => undefined)
  }

  close(): void {
    this.vault?.close()
  }

  private async read(): Promise<void> {
    if (!this.vault) return
    for (const bytes of (await this.vault.read('answers', this.attempt)).values()) {
      const stored = fromBytes(bytes) as StoredEntry
      const receipt = stored.receipt ? Uint8Array.from(stored.receipt) : null
      this.entries.set(stored.item, { ...stored, receipt })
    }
    for (const [name, bytes] of await this.vault.read('kept', this.attempt))
      if (String(name).startsWith(RECEIPT))
        this.proofs.set(Number(String(name).slice(RECEIPT.length)), bytes)
  }

  private prove(item: number, receipt: Uint8Array): void {
    this.proofs.set(item, receipt)
    const change = [`${RECEIPT}${item}`, Uint8Array.from(receipt)] as const
    // Lost, it is one proof less; the answer is at the server.
    void this.vault?.write('kept', this.attempt, [change]).catch(() => undefined)
  }

  private async store(entry: JournalEntry): Promise<void> {
    if (this.entries.get(entry.item) !== entry) return
    const receipt = entry.receipt ? Array.from(entry.receipt) : null
    const plain = toBytes({ ...entry, receipt } satisfies StoredEntry)
    await this.vault?.write('answers', this.attempt, [[entry.item, plain]])
  }
}
