// The answers on this device: each change is written here before it is sent, and stays until the
// server's receipt says that it is stored. Survives a reload and the loss of the network.
//
// The newest revision of each question is kept, encrypted with AES-GCM under a key that the browser
// holds and never gives out. A browser that refuses to store (a private window) gets a journal in
// memory, and `durable` says so: the page then tells the person.

export interface JournalEntry {
  item: number
  rev: number
  value: string
  device_ms: number
  /** The receipt of the server for exactly this revision; null: not yet stored there. */
  receipt: Uint8Array | null
  stored_ms: number
  /** Refused for good, with the number of the refusal; 0: not refused. */
  refusal: number
}

interface Sealed {
  attempt: number
  item: number
  iv: Uint8Array<ArrayBuffer>
  bytes: ArrayBuffer
}

const NAME = 'invigil-journal'
const KEYS = 'keys'
const ENTRIES = 'answers'

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the journal cannot be read'))
  })

const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = () => reject(transaction.error ?? new Error('the journal cannot be written'))
    transaction.oncomplete = () => resolve()
    transaction.onerror = fail
    transaction.onabort = fail
  })

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(KEYS)
    request.result.createObjectStore(ENTRIES, { keyPath: ['attempt', 'item'] })
  }
  return done(request)
}

async function deviceKey(db: IDBDatabase): Promise<CryptoKey> {
  const found = await done(db.transaction(KEYS).objectStore(KEYS).get('answers'))
  if (found) return found as CryptoKey
  const algorithm = { name: 'AES-GCM', length: 256 }
  const made = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt'])
  // Two windows may come here at once: the first key that is stored is the key.
  const writing = db.transaction(KEYS, 'readwrite', { durability: 'strict' })
  const store = writing.objectStore(KEYS)
  const earlier = await done(store.get('answers'))
  if (!earlier) store.put(made, 'answers')
  await finished(writing)
  return (earlier as CryptoKey | undefined) ?? made
}

const label = (attempt: number, item: number): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`invigil answer ${attempt} ${item}`)

export class Journal {
  private readonly entries = new Map<number, JournalEntry>()
  private writes: Promise<void> = Promise.resolve()
  private broken = false

  private constructor(
    readonly attempt: number,
    private readonly db: IDBDatabase | null,
    private readonly key: CryptoKey | null,
  ) {}

  /** Opens the journal of one attempt with what an earlier visit left in it. */
  static async open(attempt: number): Promise<Journal> {
    try {
      const db = await openDatabase()
      const journal = new Journal(attempt, db, await deviceKey(db))
      await journal.read()
      return journal
    } catch {
      return new Journal(attempt, null, null)
    }
  }

  /** false: what is typed lives only as long as this page. */
  get durable(): boolean {
    return this.db !== null && !this.broken
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

  /** Writes a change; resolves when it is on the device. */
  put(entry: JournalEntry): Promise<void> {
    this.entries.set(entry.item, entry)
    return this.write(entry)
  }

  /** The server has stored this revision. A newer one typed meanwhile stays unsent. */
  confirm(item: number, rev: number, receipt: Uint8Array, stored_ms: number): Promise<void> {
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

  /** Forgets this attempt: everything is stored at the server and the exam is over. */
  async wipe(): Promise<void> {
    await this.writes
    this.entries.clear()
    if (!this.db) return
    const writing = this.db.transaction(ENTRIES, 'readwrite')
    writing.objectStore(ENTRIES).delete(this.range())
    await finished(writing).catch(() => undefined)
  }

  close(): void {
    this.db?.close()
  }

  private range(): IDBKeyRange {
    return IDBKeyRange.bound([this.attempt, 0], [this.attempt, Number.MAX_SAFE_INTEGER])
  }

  private async read(): Promise<void> {
    if (!this.db || !this.key) return
    const store = this.db.transaction(ENTRIES).objectStore(ENTRIES)
    for (const sealed of (await done(store.getAll(this.range()))) as Sealed[]) {
      const entry = await this.opened(sealed)
      if (entry) this.entries.set(entry.item, entry)
    }
  }

  private async opened(sealed: Sealed): Promise<JournalEntry | null> {
    try {
      const additionalData = label(sealed.attempt, sealed.item)
      const how = { name: 'AES-GCM', iv: sealed.iv, additionalData }
      const plain = await crypto.subtle.decrypt(how, this.key!, sealed.bytes)
      const stored = JSON.parse(new TextDecoder().decode(plain)) as Omit<
        JournalEntry,
        'receipt'
      > & {
        receipt: number[] | null
      }
      return { ...stored, receipt: stored.receipt ? Uint8Array.from(stored.receipt) : null }
    } catch {
      return null
    }
  }

  private write(entry: JournalEntry): Promise<void> {
    // One after the other, so that an older revision never lands on a newer one.
    this.writes = this.writes.then(() => this.store(entry)).catch(() => void (this.broken = true))
    return this.writes
  }

  private async store(entry: JournalEntry): Promise<void> {
    if (!this.db || !this.key) return
    if (this.entries.get(entry.item) !== entry) return
    const { attempt } = this
    const { item } = entry
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const receipt = entry.receipt ? Array.from(entry.receipt) : null
    const plain = new TextEncoder().encode(JSON.stringify({ ...entry, receipt }))
    const how = { name: 'AES-GCM', iv, additionalData: label(attempt, item) }
    const bytes = await crypto.subtle.encrypt(how, this.key, plain)
    const writing = this.db.transaction(ENTRIES, 'readwrite', { durability: 'strict' })
    writing.objectStore(ENTRIES).put({ attempt, item, iv, bytes } satisfies Sealed)
    await finished(writing)
    this.broken = false
  }
}
