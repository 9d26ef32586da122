// The same server as bench/echo.c on Node with ws. Prints its port, then serves until it is killed.
//   node ws.mjs [CERT KEY]
import { readFileSync } from 'node:fs'
import { createServer as createPlain } from 'node:http'
import { createServer as createTls } from 'node:https'
import { WebSocketServer } from 'ws'

const [cert, key] = process.argv.slice(2).map((path) => readFileSync(path))
const listener = cert ? createTls({ cert, key }) : createPlain()

const server = new WebSocketServer({
  server: listener,
  perMessageDeflate: false,
  clientTracking: true,
})
let viewer = null
listener.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, () =>
  console.log(`port ${listener.address().port}`),
)
server.on('connection', (socket) => {
  socket._socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('message', (message) => {
    if (message[0] === 0x42) for (const other of server.clients) other.send(message)
    else if (message[0] === 0x56) viewer = socket
    else if (message[0] === 0x52) viewer?.send(message)
    else socket.send(message)
  })
})
