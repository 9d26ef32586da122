// The peer of bench/hall.c: a Node server with `ws` that takes the same messages (schema/wire.def) and does
// the least that is comparable. An answer is acknowledged when it is durable, in a file after fdatasync or in
// a table of PostgreSQL after COMMIT; answers that come meanwhile share the next one. A mass action and the
// start are passed on to each target, with nothing stored. It knows no rules, no chain, no receipts, no
// sign-in.
//   node bench/peers/exam.mjs file FILE
//   node bench/peers/exam.mjs postgres FOLDER_OF_ITS_SOCKET
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { stores } from './stores.mjs'

const HELLO = 1
const COMMAND = 4
const WELCOME = 101
const REPLY = 102
const EVENT = 103
const ANSWER = 10
const PAUSE = 17
const START = 1006
const BEGAN = 9
const READ_PAPER = 30
const PAPER = 151
const PAUSED = 17
const RESUMED = 18

const put = await stores[process.argv[2]](process.argv[3])
const paper = JSON.stringify(
  Array.from({ length: 20 }, (_, i) => ({
    number: i + 1,
    kind: 'essay',
    format: 'html',
    points_milli: 1000,
    name: `Question ${i + 1}`,
    text: `<p>Question ${i + 1}: what do you think?</p>`,
    options: [],
  })),
)
let attempts = 0n
const sockets = new Map() // attempt -> socket

let waiting = [] // [socket, cmd, target, bytes]
let writing = false

function welcome(attempt) {
  const b = Buffer.alloc(30)
  b[0] = WELCOME
  b[1] = 1
  b.writeBigInt64LE(BigInt(Date.now()), 2)
  b.writeBigUInt64LE(attempt, 18)
  return b
}

function reply(cmd, target) {
  const b = Buffer.alloc(39)
  b[0] = REPLY
  b.writeBigUInt64LE(cmd, 1)
  b.writeBigUInt64LE(target, 9)
  b.writeBigUInt64LE(1n, 19)
  b.writeBigInt64LE(BigInt(Date.now()), 27)
  return b
}

function event(kind, attempt, text) {
  const b = Buffer.alloc(52 + text.length)
  b[0] = EVENT
  b.writeBigUInt64LE((2n << 50n) | attempt, 1)
  b.writeBigUInt64LE(1n, 9)
  b.writeUInt32LE(31 + text.length, 17)
  b.writeUInt16LE(kind, 21)
  b[23] = 2 // a proctor
  b.writeBigInt64LE(BigInt(Date.now()), 24)
  b.writeUInt32LE(text.length, 48)
  text.copy(b, 52)
  return b
}

function paperMessage() {
  const b = Buffer.alloc(7 + paper.length)
  b[0] = PAPER
  b.writeUInt32LE(paper.length, 3)
  b.write(paper, 7)
  return b
}

function store() {
  if (writing || !waiting.length) return
  const batch = waiting
  waiting = []
  writing = true
  put(batch.map((one) => one[3])).then(
    () => {
      for (const [socket, cmd, target] of batch) socket.send(reply(cmd, target))
      writing = false
      store()
    },
    (error) => {
      console.error(error.message)
      process.exit(1)
    },
  )
}

function massAction(socket, cmd, targets, body) {
  const kind = body.readUInt16LE(0) === PAUSE ? PAUSED : RESUMED
  const text = body.subarray(6)
  for (let at = 0; at < targets.length; at += 8) {
    const target = targets.readBigUInt64LE(at)
    sockets.get(target)?.send(event(kind, target, text))
    socket.send(reply(cmd, target))
  }
}

// Everybody begins, but the one who says so.
function startAll(starter) {
  for (const [target, socket] of sockets)
    if (socket !== starter) socket.send(event(BEGAN, target, Buffer.alloc(0)))
}

function command(socket, message) {
  const cmd = message.readBigUInt64LE(1)
  const end = 13 + message.readUInt32LE(9)
  const targets = message.subarray(13, end)
  const body = message.subarray(end + 4)
  if (body.readUInt16LE(0) === START) return startAll(socket)
  if (body.readUInt16LE(0) !== ANSWER) return massAction(socket, cmd, targets, body)
  waiting.push([socket, cmd, targets.readBigUInt64LE(0), message])
  // After this turn of the event loop, so that what came together is stored together.
  if (waiting.length === 1) setImmediate(store)
}

const listener = createServer()
const server = new WebSocketServer({ server: listener, perMessageDeflate: false })
listener.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () =>
  console.log(`port ${listener.address().port}`),
)
server.on('connection', (socket) => {
  socket._socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('message', (message) => {
    if (message[0] === COMMAND) return command(socket, message)
    if (message[0] === READ_PAPER) return socket.send(paperMessage())
    if (message[0] !== HELLO) return
    const attempt = ++attempts
    sockets.set(attempt, socket)
    socket.send(welcome(attempt))
  })
})
