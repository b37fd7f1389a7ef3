// Stands in for the gateway: ready when NATS and Postgres accept connections.
import { createServer } from 'node:http'
import { connect } from 'node:net'

const accepts = (port) =>
  new Promise((resolve) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1' })
    socket.on('connect', () => (socket.destroy(), resolve(true))).on('error', () => resolve(false))
  })

const server = createServer(async (request, response) => {
  if (request.url === '/environment') return response.end(JSON.stringify(process.env))
  const ready = await accepts(new URL(process.env.NATS_URL).port)
  response.writeHead(request.url === '/readyz' && ready ? 200 : 503).end()
})
server.listen(Number(process.env.PORT), process.env.HOST)
process.stdout.write(`${JSON.stringify({ level: 'info', time: new Date().toISOString(), msg: 'listening' })}\n`)
// Like the real one it does not end at once: it has connections to close.
process.on('SIGTERM', () => setTimeout(end, 150))

function end() {
  process.stdout.write(`${JSON.stringify({ level: 'info', time: new Date().toISOString(), msg: 'ended in order' })}\n`)
  process.exit(0)
}
