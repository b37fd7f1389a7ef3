import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRun } from './support/http.ts'
import { KEY, startSystem, type System } from './support/system.ts'

const TIMEOUT_MS = 300

let system: System
beforeAll(async () => {
  system = await startSystem({ SPOOL_REQUEST_TIMEOUT_MS: String(TIMEOUT_MS) })
})
afterAll(() => system?.stop())

const POST = `POST /v1/sessions/s/runs HTTP/1.1\r\nhost: h\r\nauthorization: Bearer ${KEY}\r\ncontent-type: application/json\r\n`

/** Says something and then nothing; what comes back until the connection is closed. */
async function saying(what: string): Promise<string> {
  const socket = open()
  socket.write(what)
  return allOf(socket)
}

const open = () => connect(Number(new URL(system.url).port), '127.0.0.1')

async function allOf(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (data) => (text += data.toString()))
  await once(socket, 'close')
  return text
}

test.each([
  ['headers', 'GET /v1/sessions HTTP/1.1\r\nhost: h\r\nx-slow: '],
  ['a body', `${POST}content-length: 100\r\n\r\n{"message":`],
  ['chunks', `${POST}transfer-encoding: chunked\r\n\r\n5\r\n{"mes\r\n`],
])('%s that do not come to their end are no request after a while, and hold no connection', async (_, what) => {
  const [head, document] = (await saying(what)).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  expect(head).toContain('content-type: application/problem+json; charset=utf-8')
  expect(JSON.parse(document!)).toMatchObject({ status: 408, code: 'request_timeout' })
})

test('a stream lasts as long as it lasts: its request was there in time', async () => {
  let goOn!: () => void
  const waiting = new Promise<void>((resolve) => (goOn = resolve))
  system.orchestrator.answers = async function* () {
    yield 'a'
    await waiting
    yield 'b'
  }
  const startedAt = Date.now()
  const stream = await startRun(system.url, 'long', { message: 'Hi' })
  // The same question to a connection that plays for time: once it is closed, the stream was open for longer.
  await saying('GET /v1/sessions HTTP/1.1\r\nx-slow: ')
  expect(Date.now() - startedAt).toBeGreaterThan(TIMEOUT_MS)
  goOn()
  expect(await stream.over).toBe(true)
  expect(stream.text).toBe('ab')
})

const follow = (headers = '') =>
  `GET /v1/sessions/long/events HTTP/1.1\r\nhost: h\r\nauthorization: Bearer ${KEY}\r\n${headers}\r\n`

test('what comes behind the request of a stream is not answered in the middle of it', async () => {
  const socket = open()
  socket.write(follow('accept-encoding: gzip\r\n'))
  await once(socket, 'data')
  const all = allOf(socket)
  socket.write('this is no HTTP\r\n\r\n')
  expect(await all).not.toContain('HTTP/1.1 400')
})

test('and nobody listens to it where the stream goes to its client as it is', async () => {
  const socket = open()
  socket.write(follow())
  await once(socket, 'data')
  let text = ''
  const arrived = Promise.withResolvers<void>()
  socket.on('data', (data) => {
    text += data.toString()
    if (text.includes('after it')) arrived.resolve()
  })
  socket.write('this is no HTTP\r\n\r\n')
  await system.orchestrator.append({ tenant: 'default', session: 'long' }, 'session.titled', { title: 'after it' })
  await arrived.promise
  expect(text).not.toContain('HTTP/1.1 400')
  socket.destroy()
})
