// The same server as bench/echo.c on Node with ws: sends each message back, or to everyone when it
// begins with 'B'. Prints its port, then serves until it is killed.
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  backlog: 4096,
  clientTracking: true,
})
server.on('listening', () => console.log(`port ${server.address().port}`))
server.on('connection', (socket) => {
  socket._socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.on('message', (message) => {
    if (message[0] !== 0x42) return socket.send(message)
    for (const other of server.clients) other.send(message)
  })
})
