// The same server as bench/echo.c on Node with ws. Prints its port, then serves until it is killed.
import { WebSocketServer } from 'ws'

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  backlog: 4096,
  clientTracking: true,
})
let viewer = null
server.on('listening', () => console.log(`port ${server.address().port}`))
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
