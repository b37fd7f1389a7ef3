import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { Random } from '../random.ts'
import { cutting } from './cutting-reader.ts'
import { DialectReader } from './dialect-reader.ts'
import { slowly } from './slow-reader.ts'
import { type Following, SseFollower } from './sse-follower.ts'
import { END, frameOf, type Script, startScripted, stream, told, tornOff } from './support/scripted-server.ts'
import { WebSocketFollower } from './web-socket-follower.ts'

const RUN: Following = { kind: 'run', session: 's', run: 'r' }
const SESSION: Following = { kind: 'session', session: 's', run: null }
const deaf = () => undefined

async function gateway(...scripts: readonly Script[]) {
  const server = await startScripted(...scripts)
  onTestFinished(() => server.stop())
  return server
}

async function follow(what: Following, urls: readonly string[], silentMs = 5_000) {
  const follower = new SseFollower(what, { urls, key: 'k', silentMs }, new Random(1), deaf)
  await follower.over
  return follower.log
}

const seqs = ({ events }: { events: readonly { seq: number }[] }) => events.map(({ seq }) => seq)

test('a frame that comes twice, one that is missing and one that comes too early are in the log as they came', async () => {
  const { url } = await gateway(told(frameOf(1), frameOf(2), frameOf(2), frameOf(5), frameOf(4), frameOf(6, END)))
  const log = await follow(RUN, [url])
  expect(seqs(log)).toEqual([1, 2, 2, 5, 4, 6])
  expect(log.at).toHaveLength(6)
  expect(log).toMatchObject({ isOver: true, reconnects: 0, faults: [] })
})

test('what an event holds is in the log as it was sent, also where it is not what its frame says', async () => {
  const altered = frameOf(2, 'text.delta', { text: 'b' }).replace('id: 1-2', 'id: 1-3')
  const { url } = await gateway(told(frameOf(1, 'text.delta', { text: ' "a" 🙂\n' }), altered, frameOf(4, END)))
  const log = await follow(RUN, [url])
  expect(log.events[0]).toEqual({
    v: 1,
    type: 'text.delta',
    run: 'r',
    text: ' "a" 🙂\n',
    session: 's',
    seq: 1,
    prev: 0,
  })
  expect(log.faults).toEqual(['the frame 1-3 text.delta holds 2 text.delta'])
})

test('whoever is cut off in the middle of a frame comes back elsewhere, behind the last whole one', async () => {
  const torn = frameOf(2).slice(0, 40)
  const one = await gateway(tornOff(frameOf(1), torn))
  const other = await gateway(told(frameOf(2), frameOf(3, END)))
  const log = await follow(RUN, [other.url, one.url])
  expect(seqs(log)).toEqual([1, 2, 3])
  expect(log.reconnects).toBe(1)
  expect(other.requests[0]!.headers['last-event-id']).toBe('1-1')
})

test('what a server sends again to who comes back is in the log again', async () => {
  const { url } = await gateway(tornOff(frameOf(1), frameOf(2)), told(frameOf(2), frameOf(3, END)))
  expect(seqs(await follow(RUN, [url]))).toEqual([1, 2, 2, 3])
})

test('a server that says nothing any more is left, before its answer and in the middle of it', async () => {
  const mute = await gateway(deaf, (response) => stream(response, frameOf(1)))
  const other = await gateway(told(), told(frameOf(2), frameOf(3, END)))
  const log = await follow(RUN, [other.url, mute.url], 300)
  expect(seqs(log)).toEqual([1, 2, 3])
  expect(log.faults).toEqual([])
})

const answer =
  (status: number): Script =>
  (response) =>
    response.writeHead(status).end('{"code":"some"}')

test('a reset and an answer that should not be are told; one that says to come later is not', async () => {
  const reset = 'id: 1-1\nevent: reset\ndata: {"reason":"not_in_session"}\n\n'
  const { url } = await gateway(answer(503), answer(500), told(reset), answer(404), told(frameOf(2, END)))
  const { faults } = await follow(RUN, [url])
  expect(faults).toEqual([
    'was answered 500 {"code":"some"}',
    'was told reset: {"reason":"not_in_session"}',
    'was answered 404 {"code":"some"}',
  ])
})

test('who is sent away behind the end of a run asks whether there is more', async () => {
  const memory = frameOf(3, 'memory.updated')
  const { url, requests } = await gateway(
    told(frameOf(1), frameOf(2, END), 'retry: 20\n\n'),
    told(memory, 'retry: 20\n\n'),
    (response) => response.writeHead(204).end(),
  )
  const log = await follow(RUN, [url])
  expect(seqs(log)).toEqual([1, 2, 3])
  expect(requests).toHaveLength(3)
  expect(log.faults).toEqual([])
})

test('who starts a run by streaming it asks again under the same key until there is an answer, then for the rest', async () => {
  const start = { path: '/v1/sessions/s/runs', body: { message: 'hi' }, key: 'once' }
  const { url, requests } = await gateway(
    (response) => response.destroy(),
    tornOff(frameOf(1)),
    told(frameOf(2), frameOf(3, END)),
  )
  const log = await follow({ ...RUN, run: null, start }, [url])
  expect(log.run).toBe('r')
  expect(seqs(log)).toEqual([1, 2, 3])
  expect(requests.map(({ method, headers }) => [method, headers['idempotency-key'], headers['last-event-id']])).toEqual(
    [
      ['POST', 'once', undefined],
      ['POST', 'once', undefined],
      ['GET', undefined, '1-1'],
    ],
  )
})

test('whoever follows a session stays until its last event, and sees what comes twice with it', async () => {
  const { url } = await gateway((response) => stream(response, frameOf(1), frameOf(2) + frameOf(2)))
  const follower = new SseFollower(SESSION, { urls: [url], key: 'k', silentMs: 5_000 }, new Random(1), ({ seq }) => {
    if (seq === 1) follower.endAt(2)
  })
  await follower.over
  expect(seqs(follower.log)).toEqual([1, 2, 2])
})

test('who hears between two connections that it has seen the last event opens no second', async () => {
  const { url, requests } = await gateway(tornOff(frameOf(1)), (response) => stream(response))
  const habit = () => () => void setImmediate(() => follower.endAt(1))
  const what = { ...SESSION, habit }
  const follower = new SseFollower(what, { urls: [url], key: 'k', silentMs: 5_000 }, new Random(1), deaf)
  await follower.over
  expect(follower.log).toMatchObject({ isOver: true, faults: [] })
  expect(requests).toHaveLength(1)
})

/** All of it, behind the cursor that is asked for. */
const chain =
  (length: number): Script =>
  (response, { headers }) => {
    const after = Number(String(headers['last-event-id'] ?? '1-0').slice(2))
    const frames = Array.from({ length: length - after }, (_, at) =>
      frameOf(after + at + 1, 'text.delta', { text: 'x'.repeat(300) }),
    )
    stream(response, ...frames).end(frameOf(length + 1, END))
  }

test('who hangs up at any byte has the whole chain in the end', async () => {
  const { url, requests } = await gateway(chain(200))
  const seeds = Array.from({ length: 8 }, (_, seed) => seed)
  const logs = await Promise.all(
    seeds.map((seed) => follow({ ...RUN, kind: 'cutting', habit: cutting(new Random(seed)) }, [url])),
  )
  for (const log of logs) {
    expect(seqs(log)).toEqual(Array.from({ length: 201 }, (_, at) => at + 1))
    expect(log.faults).toEqual([])
  }
  expect(requests.length).toBeGreaterThan(seeds.length)
})

test('a slow reader makes the server wait, and has all of it in the end', async () => {
  let waits = 0
  const { url } = await gateway((response) => {
    stream(response)
    const frame = frameOf(1, 'text.delta', { text: 'x'.repeat(100_000) })
    let sent = 0
    const send = () => {
      while (++sent <= 200) {
        if (response.write(frame)) continue
        waits++
        return void response.once('drain', send)
      }
      response.end(frameOf(2, END))
    }
    send()
  })
  const log = await follow({ ...RUN, kind: 'slow', habit: slowly(new Random(3), 1_500) }, [url])
  expect(log.events).toHaveLength(201)
  expect(waits).toBeGreaterThan(0)
})

test('what comes with a connection that ended while nobody read is thrown away: the next one has it too', async () => {
  const one = await gateway((response) => {
    stream(response, frameOf(1))
    setTimeout(() => response.end(frameOf(2)), 100)
  })
  const isLate = Promise.withResolvers<void>()
  const other = await gateway((response) => {
    stream(response, frameOf(2))
    void isLate.promise.then(() => response.end(frameOf(3, END)))
  })
  const holding: Following['habit'] = (connection) => {
    const waiting = setInterval(() => connection.frames > 0 && connection.hold(1_000), 5)
    setTimeout(() => clearInterval(waiting), 60)
    setTimeout(isLate.resolve, 2_000)
    return undefined
  }
  const log = await follow({ ...RUN, kind: 'slow', habit: holding }, [other.url, one.url])
  expect(seqs(log)).toEqual([1, 2, 3])
})

test('over a WebSocket what comes twice is in the log twice; whoever is sent away follows from where they were', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  const asked: unknown[] = []
  server.on('connection', (socket) => {
    const say = (seq: number) => {
      const [, data] = /^data: (.*)$/m.exec(frameOf(seq))!
      socket.send(`{"session":"s","id":"1-${seq}","event":${data}}`)
    }
    socket.on('message', (data) => {
      const { after } = JSON.parse((data as Buffer).toString()) as { after: string }
      asked.push(after)
      if (after === '0') {
        for (const seq of [1, 2, 2]) say(seq)
        socket.send('{"retry":10}')
        socket.close(1012)
      } else for (const seq of [4, 5]) say(seq)
    })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const what = { session: 's', isRestless: false }
  const follower = new WebSocketFollower(what, { urls: [url], key: 'k', silentMs: 5_000 }, new Random(1), deaf)
  follower.endAt(5)
  await follower.over
  expect(seqs(follower.log)).toEqual([1, 2, 2, 4, 5])
  expect(asked).toEqual(['0', '1-2'])
  expect(follower.log.faults).toEqual([])
})

const piece = (seq: number) => `id: 1-${seq}\ndata: {"content":"${seq}"}\n\n`

test('a reader of a dialect keeps its frames as they came, and where its connections began', async () => {
  const { url, requests } = await gateway(
    tornOff(piece(1), ': keep-alive\n\n', piece(2), piece(2)),
    tornOff(piece(3), 'data: {"con'),
    told(piece(3), piece(4), 'data: [DONE]\n\n'),
  )
  const plot = { kind: 'talk', agent: 'a', body: { message: 'hi' }, answers: [], cancelAfterMs: null }
  const what = { dialect: 'chat' as const, session: 's', plot, key: 'once', onStarted: deaf }
  const reader = new DialectReader(what, { urls: [url], key: 'k', silentMs: 5_000 }, new Random(1))
  await reader.over
  expect(reader.log.frames).toEqual([
    ...[1, 2, 2, 3, 3, 4].map((seq) => `id: 1-${seq}\ndata: {"content":"${seq}"}`),
    'data: [DONE]',
  ])
  expect(reader.log.joints).toEqual([3, 4])
  expect(reader.log).toMatchObject({ run: 'r', isOver: true, faults: [], events: [] })
  const cursorOf = ({ url: path, headers }: (typeof requests)[number]) =>
    headers['last-event-id'] ?? new URL(path!, url).searchParams.get('after')
  expect(requests.map(cursorOf)).toEqual([null, '1-2', '1-3'])
})
