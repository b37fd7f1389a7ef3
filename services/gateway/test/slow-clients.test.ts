import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { SseParser } from '@spool/client'
import { newId } from '@spool/events'
import { ChainWriter } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chainFault, type ReceivedEvent, Watcher } from './support/http.ts'
import { KEY, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const CLIENTS = 3
const EVENTS = 10_000
/** Together more than the kernel's buffers hold for a connection. */
const EVENT_BYTES = 2000
const MiB = 1024 * 1024

test('clients that do not read cost nothing that grows, keep their place, and have every event once they read', async () => {
  const session = newId()
  const ref = { tenant: 'default', session }
  await system.orchestrator.append(ref, 'session.titled', { title: 'first' })
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => standingStill(session)))
  const quick = await Watcher.open(system.url, `/v1/sessions/${session}/events`)
  await write(ref, 1000)
  await quick.until(({ frames }) => frames.length === 1001)
  const before = memoryUsed()
  await write(ref, EVENTS)
  // Whoever reads is not held up by those who do not.
  await quick.until(({ frames }) => frames.length === 1001 + EVENTS)
  quick.frames.length = 0
  quick.raw = ''
  await until(() => memoryUsed() - before < CLIENTS * MiB, 'nothing is kept for those who stand still')
  const [client] = clients
  const received = await readOn(client!, 1001 + EVENTS)
  expect(chainFault(received)).toBeNull()
  expect(received.length).toBe(1001 + EVENTS)
  quick.cut()
  for (const one of clients) one.destroy()
  await until(async () => (await openStreams()) === 0, 'closed clients are forgotten')
})

test('a hundred clients that come at once have the history, which is read once for all of them', async () => {
  const session = newId()
  const ref = { tenant: 'default', session }
  await system.orchestrator.append(ref, 'session.titled', { title: 'first' })
  await write(ref, 2000, 100)
  const other = await system.anotherGateway()
  let reads = 0
  const counting = system.bus.nc.subscribe('$JS.API.DIRECT.GET.LOG', { callback: () => void reads++ })
  const clients = await Promise.all(
    Array.from({ length: 100 }, () => Watcher.open(other.url, `/v1/sessions/${session}/events`)),
  )
  for (const client of clients) {
    await client.until(({ frames }) => frames.length === 2001)
    expect(chainFault(client.events)).toBeNull()
    client.cut()
  }
  counting.unsubscribe()
  // Four pages of 512, and more where some came a moment later than the rest; each for itself would read 400.
  expect(reads).toBeLessThan(40)
})

test.each([
  ['that knows nothing of chunks has the events as they are', '1.0', ''],
  ['whose stream comes behind another answer has both, in order', '1.1', '"open_streams"'],
])('a client %s', async (_, version, first) => {
  const session = newId()
  await system.orchestrator.append({ tenant: 'default', session }, 'session.titled', { title: 'first' })
  const { hostname, port } = new URL(system.url)
  const socket = connect(Number(port), hostname)
  let text = ''
  const line = (path: string) => `GET ${path} HTTP/${version}\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n\r\n`
  socket.on('data', (data) => (text += data.toString()))
  socket.write((first === '' ? '' : line('/v1/status')) + line(`/v1/sessions/${session}/events`))
  await until(() => text.includes('"title":"first"') && text.includes('\n\n'), 'the first event')
  expect(text.indexOf(first)).toBeLessThan(text.indexOf('retry: '))
  const body = text.slice(text.indexOf('retry: '))
  expect(/^[0-9a-f]+\r\n/m.test(body)).toBe(version === '1.1')
  socket.destroy()
  await until(async () => (await openStreams()) === 0, 'it is forgotten')
})

/** Asks for a stream and reads no byte of it. */
async function standingStill(session: string): Promise<Socket> {
  const { hostname, port } = new URL(system.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  const open = await openStreams()
  socket.write(
    `GET /v1/sessions/${session}/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEY}\r\n` +
      `accept: text/event-stream\r\n\r\n`,
  )
  await until(async () => (await openStreams()) > open, 'the stream is open')
  return socket
}

async function readOn(socket: Socket, count: number): Promise<ReceivedEvent[]> {
  const parser = new SseParser()
  const events: ReceivedEvent[] = []
  let rest = Buffer.alloc(0)
  let inBody = false
  for await (const chunk of socket) {
    rest = Buffer.concat([rest, chunk as Buffer])
    if (!inBody) {
      const end = rest.indexOf('\r\n\r\n')
      if (end < 0) continue
      rest = rest.subarray(end + 4)
      inBody = true
    }
    // Chunked transfer: a length, the piece, and again.
    for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
      const length = Number.parseInt(rest.toString('latin1', 0, end), 16)
      if (rest.length < end + 2 + length + 2) break
      for (const frame of parser.push(rest.subarray(end + 2, end + 2 + length))) {
        events.push(JSON.parse(frame.data) as ReceivedEvent)
      }
      rest = rest.subarray(end + 2 + length + 2)
    }
    if (events.length >= count) return events
  }
  return events
}

async function write(ref: { tenant: string; session: string }, count: number, bytes = EVENT_BYTES): Promise<void> {
  const writer = new ChainWriter(system.log, ref, await system.log.lastPosition(ref))
  const text = 'x'.repeat(bytes)
  for (let i = 0; i < count; i++) {
    const body = JSON.stringify({ v: 1, type: 'custom.filler', at: '2026-01-01T00:00:00.000Z', i, text })
    await writer.append({ id: newId(), type: 'custom.filler', body: new TextEncoder().encode(body) })
  }
}

async function openStreams(): Promise<number> {
  const response = await fetch(`${system.url}/v1/status`, { headers: { authorization: `Bearer ${KEY}` } })
  return ((await response.json()) as { open_streams: number }).open_streams
}

function memoryUsed(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
