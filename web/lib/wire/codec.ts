// Commands, events, rows and live messages to bytes and back, by the tables that are drawn from
// schema/*.def. Stored events have the same form as sent ones.
import { Reader, WireError, Writer } from '@/lib/wire/bytes'
import {
  commandTable,
  downTable,
  eventTable,
  rowFields,
  upTable,
  type Command,
  type CommandKind,
  type DownMessage,
  type Event,
  type EventKind,
  type Fields,
  type Row,
  type UpMessage,
} from '@/lib/gen/wire'

export { WireError } from '@/lib/wire/bytes'
export type * from '@/lib/gen/wire'

type Values = Record<string, unknown>

function writeFields(out: Writer, fields: Fields, values: Values): void {
  for (const [name, type] of fields) {
    const value = values[name]
    if (type === 'str') out.str(value as string)
    else if (type === 'blob') out.blob(value as Uint8Array)
    else out[type](value as number)
  }
}

function readFields(from: Reader, fields: Fields, into: Values): void {
  for (const [name, type] of fields) into[name] = from[type]()
}

function byId<K extends string>(table: Record<K, { id: number }>): Map<number, K> {
  return new Map((Object.keys(table) as K[]).map((kind) => [table[kind].id, kind]))
}

const commandKinds = byId(commandTable)
const eventKinds = byId(eventTable)
const upKinds = byId(upTable)
const downKinds = byId(downTable)

function kindOf<K>(kinds: Map<number, K>, id: number): K {
  const kind = kinds.get(id)
  if (kind === undefined) throw new WireError(`there is no message kind ${id}`)
  return kind
}

export function encodeCommand(command: Command): Uint8Array<ArrayBuffer> {
  const row = commandTable[command.kind as CommandKind]
  const out = new Writer()
  out.u16(row.id)
  writeFields(out, row.fields, command as unknown as Values)
  return out.done()
}

export function decodeCommand(bytes: Uint8Array): Command {
  const from = new Reader(bytes)
  const kind = kindOf(commandKinds, from.u16())
  const into: Values = {}
  readFields(from, commandTable[kind].fields, into)
  from.end()
  into.kind = kind
  return into as unknown as Command
}

export function encodeEvent(event: Event): Uint8Array<ArrayBuffer> {
  const row = eventTable[event.kind as EventKind]
  const out = new Writer()
  out.u16(row.id)
  out.u8(event.role)
  out.i64(event.at_ms)
  out.u64(event.actor)
  out.u64(event.cmd)
  writeFields(out, row.fields, event as unknown as Values)
  return out.done()
}

export function decodeEvent(bytes: Uint8Array): Event {
  const from = new Reader(bytes)
  const kind = kindOf(eventKinds, from.u16())
  const into: Values = {}
  into.role = from.u8()
  into.at_ms = from.i64()
  into.actor = from.u64()
  into.cmd = from.u64()
  readFields(from, eventTable[kind].fields, into)
  from.end()
  // Last: item_added has a field of this name, which only the server reads.
  into.kind = kind
  return into as unknown as Event
}

export function encodeMessage(message: UpMessage | DownMessage): Uint8Array<ArrayBuffer> {
  const row =
    message.kind in upTable
      ? upTable[message.kind as UpMessage['kind']]
      : downTable[message.kind as DownMessage['kind']]
  const out = new Writer()
  out.u8(row.id)
  writeFields(out, row.fields, message as unknown as Values)
  return out.done()
}

function decodeMessage<K extends string>(
  bytes: Uint8Array,
  kinds: Map<number, K>,
  table: Record<K, { fields: Fields }>,
): Values {
  const from = new Reader(bytes)
  const kind = kindOf(kinds, from.u8())
  const into: Values = { kind }
  readFields(from, table[kind].fields, into)
  from.end()
  return into
}

export function decodeDown(bytes: Uint8Array): DownMessage {
  return decodeMessage(bytes, downKinds, downTable) as unknown as DownMessage
}

export function decodeUp(bytes: Uint8Array): UpMessage {
  return decodeMessage(bytes, upKinds, upTable) as unknown as UpMessage
}

export function decodeRow(bytes: Uint8Array): Row {
  const from = new Reader(bytes)
  const into: Values = {}
  readFields(from, rowFields, into)
  from.end()
  return into as unknown as Row
}

export function encodeRow(row: Row): Uint8Array<ArrayBuffer> {
  const out = new Writer()
  writeFields(out, rowFields, row as unknown as Values)
  return out.done()
}

/** The targets of a command: ids, 8 bytes each. */
export function encodeTargets(targets: readonly number[]): Uint8Array<ArrayBuffer> {
  const out = new Writer()
  for (const target of targets) out.u64(target)
  return out.done()
}

/** Ids of 8 bytes each, as they come in some messages. */
export function decodeTargets(bytes: Uint8Array): number[] {
  const from = new Reader(bytes)
  return Array.from({ length: Math.floor(bytes.length / 8) }, () => from.u64())
}

// Streams: kind in bits 50-52, id below (stream_id in wire.h).
const KIND_UNIT = 2 ** 50
const STREAM_KINDS = ['server', 'session', 'attempt', 'assessment'] as const
export type StreamKind = (typeof STREAM_KINDS)[number]

export const streamId = (kind: StreamKind, id: number): number =>
  STREAM_KINDS.indexOf(kind) * KIND_UNIT + id
export const streamKind = (stream: number): StreamKind =>
  STREAM_KINDS[Math.floor(stream / KIND_UNIT)] ?? 'server'
export const streamObject = (stream: number): number => stream % KIND_UNIT
