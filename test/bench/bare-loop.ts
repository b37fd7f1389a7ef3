/**
 * What fan-out costs in Node without anything: events are made at a rate, and each is written to every socket that has
 * asked, raw, with the same bytes that a gateway writes. Whoever comes back is first sent what it has missed, out of
 * memory. No HTTP server, no parsing, no check, no back-pressure. Says where it is; told by IPC how fast to make events.
 */
import { createServer, type Socket } from 'node:net'
import { bodyOf } from './tick-body.ts'

export interface Pace {
  perSecond: number
  /** What is due at once is one write for each socket, and not one for each event. */
  merging: boolean
}

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n' +
  'transfer-encoding: chunked\r\n\r\n'

const sockets = new Set<Socket>()
/** By position, which begins with 1. */
const chunks: Buffer[] = []

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined)
  socket.on('close', () => sockets.delete(socket))
  socket.once('data', (request) => {
    const lastId = /^last-event-id: 1-(\d+)/im.exec(request.toString('latin1'))?.[1] ?? '0'
    socket.write(Buffer.concat([Buffer.from(HEAD), ...chunks.slice(Number(lastId))]))
    sockets.add(socket)
  })
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => {
  const { port } = server.address() as { port: number }
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})

function make(atMs: number): Buffer {
  const seq = chunks.length + 1
  const body = `${bodyOf(atMs).slice(0, -1)},"session":"watched","seq":${seq},"prev":${seq - 1}}`
  const frame = `id: 1-${seq}\nevent: custom.tick\ndata: ${body}\n\n`
  const chunk = Buffer.from(`${frame.length.toString(16)}\r\n${frame}\r\n`)
  chunks.push(chunk)
  return chunk
}

let pace: Pace = { perSecond: 0, merging: false }
let startedAt = 0
let made = 0

/** An event that is late was made when it was due: that nobody wrote it then is what its client sees. */
function loop(): void {
  const { perSecond, merging } = pace
  const due = perSecond === 0 ? 0 : Math.floor(((performance.now() - startedAt) / 1000) * perSecond)
  const some: Buffer[] = []
  for (; made < due; made++) some.push(make(performance.timeOrigin + startedAt + ((made + 1) / perSecond) * 1000))
  for (const piece of merging && some.length > 1 ? [Buffer.concat(some)] : some) {
    for (const socket of sockets) socket.write(piece)
  }
  setTimeout(
    loop,
    perSecond === 0 ? 10 : Math.max(0, ((made + 1) / perSecond) * 1000 - (performance.now() - startedAt)),
  )
}
loop()

process.on('message', (message) => {
  if (typeof message !== 'object' || message === null || !('perSecond' in message)) return
  pace = message as Pace
  startedAt = performance.now()
  made = 0
  process.send!({ position: chunks.length })
})
