// Sealed records on the device's disk (the browser's private file system), so that a reload, a crash or
// a restart of the browser in the middle of an outage loses nothing. Only ciphertext lies there: the
// key that opens it was never stored on the device.
//
// One folder per attempt and kind of device; in it segments, appended to and deleted whole once the server has all of
// their records. Segments of earlier page loads are found at the start and sent then. Runs in a worker.
import type { Bytes } from '../keys.ts'
import { HEADER_BYTES, readHeader, RecordError, type Header } from './record.ts'
import { MEMORY_BYTES, recordName, type Shelf } from './spool.ts'

const FOLDER = 'invigil-evidence'
const SEGMENT_BYTES = 8 * 1024 * 1024
const FLUSH_MS = 1000
/** Four hours of everything. */
const DISK_BYTES = 1024 * 1024 * 1024

interface SyncFile {
  read(into: Uint8Array, at: { at: number }): number
  write(from: Uint8Array, at: { at: number }): number
  truncate(size: number): void
  getSize(): number
  flush(): void
  close(): void
}

interface Segment {
  name: string
  file: SyncFile
  size: number
  /** Records that the server does not have for certain. */
  live: number
  full: boolean
}

interface Place {
  segment: Segment
  at: number
  bytes: number
}

export interface Found {
  header: Header
  bytes: number
}

type FileHandle = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncFile> }

async function openSegment(folder: FileSystemDirectoryHandle, name: string): Promise<Segment> {
  const handle = (await folder.getFileHandle(name, { create: true })) as FileHandle
  const file = await handle.createSyncAccessHandle()
  return { name, file, size: 0, live: 0, full: false }
}

export class DiskShelf implements Shelf {
  /** Records of earlier page loads, oldest first, until somebody takes them. */
  readonly found: Found[] = []
  /** Files of earlier page loads that another page still has. */
  private readonly unread: string[] = []
  private readonly places = new Map<string, Place>()
  /** What is not on the disk: no segment is open, or the disk is full. */
  private readonly memory = new Map<string, Bytes>()
  private current: Segment | undefined
  private opening = false
  private count = 0
  private broken = false

  get bytesMax(): number {
    return this.broken ? MEMORY_BYTES : DISK_BYTES
  }

  private constructor(
    private readonly folder: FileSystemDirectoryHandle,
    private readonly epoch: number,
  ) {}

  /** Throws where the browser has no private file system, as in some private windows. */
  static async open(name: string, epoch: number): Promise<DiskShelf> {
    const root = await navigator.storage.getDirectory()
    const all = await root.getDirectoryHandle(FOLDER, { create: true })
    const folder = await all.getDirectoryHandle(name, { create: true })
    const shelf = new DiskShelf(folder, epoch)
    await shelf.findOlder()
    await shelf.openNext()
    if (!shelf.current) throw new Error('The device has no room for files of this page.')
    setInterval(() => shelf.flush(), FLUSH_MS)
    return shelf
  }

  // ---- earlier page loads ----

  private async findOlder(): Promise<void> {
    const listed = this.folder as unknown as { keys(): AsyncIterable<string> }
    for await (const name of listed.keys()) this.unread.push(name)
    await this.readMore()
  }

  /**
   * Reads into `found` what could not be read before. A file is refused while another page of this attempt has it:
   * that page sends it, or is about to go, and then it is for this one.
   */
  async readMore(): Promise<void> {
    for (const name of this.unread.splice(0)) {
      const segment = await openSegment(this.folder, name).catch(() => undefined)
      if (segment) await this.readSegment(segment)
      else this.unread.push(name)
    }
    this.found.sort((a, b) => a.header.atUs - b.header.atUs)
  }

  private async readSegment(segment: Segment): Promise<void> {
    const bytes = new Uint8Array(segment.file.getSize())
    segment.file.read(bytes, { at: 0 })
    segment.full = true
    while (segment.size + HEADER_BYTES <= bytes.length) {
      const header = headerAt(bytes, segment.size)
      if (!header) break // the tail was not written to its end
      const length = HEADER_BYTES + header.len
      this.place(segment, recordName(header.epoch, header.stream, header.seq), length)
      this.found.push({ header, bytes: length })
    }
    if (!segment.live) await this.remove(segment)
  }

  private place(segment: Segment, name: string, bytes: number): void {
    this.places.set(name, { segment, at: segment.size, bytes })
    segment.size += bytes
    segment.live++
  }

  // ---- this page load ----

  private async openNext(): Promise<void> {
    if (this.opening || this.broken) return
    this.opening = true
    try {
      this.current = await openSegment(this.folder, `${this.epoch}-${this.count++}`)
      for (const [name, record] of this.memory)
        if (this.write(name, record)) this.memory.delete(name)
    } catch {
      this.broken = true
    }
    this.opening = false
  }

  private write(name: string, record: Bytes): boolean {
    const segment = this.current
    if (!segment || this.broken) return false
    try {
      if (segment.file.write(record, { at: segment.size }) !== record.length) throw new Error()
    } catch {
      this.broken = true // no room on the device: the rest stays in memory
      return false
    }
    this.place(segment, name, record.length)
    if (segment.size >= SEGMENT_BYTES) {
      segment.full = true
      this.current = undefined
      void this.openNext()
    }
    return true
  }

  put(name: string, record: Bytes): void {
    if (!this.write(name, record)) this.memory.set(name, record)
  }

  read(name: string): Bytes | undefined {
    const place = this.places.get(name)
    if (!place) return this.memory.get(name)
    const record = new Uint8Array(place.bytes)
    place.segment.file.read(record, { at: place.at })
    return record
  }

  drop(name: string): void {
    this.memory.delete(name)
    const place = this.places.get(name)
    if (!place) return
    this.places.delete(name)
    const { segment } = place
    segment.live--
    if (segment.live) return
    if (segment.full) void this.remove(segment)
    else this.rewind(segment)
  }

  /** Nothing in it is needed any more: begin again at its start. */
  private rewind(segment: Segment): void {
    segment.file.truncate(0)
    segment.size = 0
  }

  private async remove(segment: Segment): Promise<void> {
    segment.file.close()
    await this.folder.removeEntry(segment.name).catch(() => {})
  }

  private flush(): void {
    try {
      this.current?.file.flush()
    } catch {
      this.broken = true
    }
  }

  /** After the last record is durable: leaves nothing behind. */
  async close(): Promise<void> {
    const segment = this.current
    this.current = undefined
    this.broken = true
    if (segment && !segment.live) await this.remove(segment)
  }
}

function headerAt(bytes: Bytes, at: number): Header | undefined {
  try {
    const header = readHeader(bytes, at)
    return at + HEADER_BYTES + header.len <= bytes.length ? header : undefined
  } catch (error) {
    if (error instanceof RecordError) return undefined
    throw error
  }
}
