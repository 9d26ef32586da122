// What this browser keeps of an exam: an IndexedDB whose values are encrypted with AES-GCM under a key
// that the browser holds and never gives out. Knows no answer and no event. A browser that refuses to
// store (a private window) has no vault; whoever uses it says so to the person.

/** Each store by attempt and one more part: the question's number, or a name. */
const PARTS = { answers: 'item', kept: 'name' } as const
export type Store = keyof typeof PARTS
type Part = number | string

interface Sealed {
  iv: Uint8Array<ArrayBuffer>
  bytes: ArrayBuffer
}

/** What is written: null removes. */
export type Change = readonly [part: Part, plain: Uint8Array<ArrayBuffer> | null]

const NAME = 'invigil-journal'
const VERSION = 2
const KEYS = 'keys'
const LAST = 'last'

const done = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the vault cannot be read'))
  })

const finished = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = () => reject(transaction.error ?? new Error('the vault cannot be written'))
    transaction.oncomplete = () => resolve()
    transaction.onerror = fail
    transaction.onabort = fail
  })

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, VERSION)
  request.onupgradeneeded = ({ oldVersion }) => {
    const db = request.result
    if (oldVersion < 1) db.createObjectStore(KEYS)
    for (const store of Object.keys(PARTS) as Store[])
      if (!db.objectStoreNames.contains(store))
        db.createObjectStore(store, { keyPath: ['attempt', PARTS[store]] })
  }
  return new Promise((resolve, reject) => {
    // A tab of an older version that will not let go: better no vault than no exam.
    request.onblocked = () => reject(new Error('another tab holds the vault'))
    done(request).then(resolve, reject)
  })
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

/** Bound into each value, so that none can be put in the place of another. */
function label(store: Store, attempt: number, part: Part): Uint8Array<ArrayBuffer> {
  const kind = store === 'answers' ? 'answer' : store
  return new TextEncoder().encode(`invigil ${kind} ${attempt} ${part}`)
}

/** All parts of an attempt; arrays are behind every number and every text. */
const rangeOf = (attempt: number): IDBKeyRange => IDBKeyRange.bound([attempt], [attempt, []])

export class Vault {
  private constructor(
    private readonly db: IDBDatabase,
    private readonly key: CryptoKey,
  ) {
    db.onversionchange = () => db.close()
  }

  /** null: this browser stores nothing. */
  static async open(): Promise<Vault | null> {
    try {
      const db = await openDatabase()
      return new Vault(db, await deviceKey(db))
    } catch {
      return null
    }
  }

  close(): void {
    this.db.close()
  }

  /** All of an attempt that can be opened. */
  async read(store: Store, attempt: number): Promise<Map<Part, Uint8Array<ArrayBuffer>>> {
    const reading = this.db.transaction(store).objectStore(store)
    const rows = (await done(reading.getAll(rangeOf(attempt)))) as (Sealed & Record<string, Part>)[]
    const out = new Map<Part, Uint8Array<ArrayBuffer>>()
    for (const row of rows) {
      const part = row[PARTS[store]]!
      const plain = await this.opened(store, attempt, part, row)
      if (plain) out.set(part, plain)
    }
    return out
  }

  /** All of it or nothing; resolves when it is on the disk. */
  async write(store: Store, attempt: number, changes: readonly Change[]): Promise<void> {
    const rows = await Promise.all(
      changes.map(async ([part, plain]) => ({
        part,
        row: plain && (await this.sealed(store, attempt, part, plain)),
      })),
    )
    const writing = this.db.transaction(store, 'readwrite', { durability: 'strict' })
    const into = writing.objectStore(store)
    for (const { part, row } of rows)
      if (row) into.put({ attempt, [PARTS[store]]: part, ...row })
      else into.delete([attempt, part])
    await finished(writing)
  }

  async clear(store: Store, attempt: number): Promise<void> {
    const writing = this.db.transaction(store, 'readwrite')
    writing.objectStore(store).delete(rangeOf(attempt))
    await finished(writing)
  }

  /** The attempt that was opened last on this device; 0: none. */
  async last(): Promise<number> {
    const found = await done(this.db.transaction(KEYS).objectStore(KEYS).get(LAST))
    return typeof found === 'number' ? found : 0
  }

  async setLast(attempt: number): Promise<void> {
    const writing = this.db.transaction(KEYS, 'readwrite')
    writing.objectStore(KEYS).put(attempt, LAST)
    await finished(writing)
  }

  private async sealed(
    store: Store,
    attempt: number,
    part: Part,
    plain: Uint8Array<ArrayBuffer>,
  ): Promise<Sealed> {
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const how = { name: 'AES-GCM', iv, additionalData: label(store, attempt, part) }
    return { iv, bytes: await crypto.subtle.encrypt(how, this.key, plain) }
  }

  private async opened(
    store: Store,
    attempt: number,
    part: Part,
    { iv, bytes }: Sealed,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const how = { name: 'AES-GCM', iv, additionalData: label(store, attempt, part) }
      return new Uint8Array(await crypto.subtle.decrypt(how, this.key, bytes))
    } catch {
      return null
    }
  }
}

export const toBytes = (value: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(JSON.stringify(value))
export const fromBytes = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes))
