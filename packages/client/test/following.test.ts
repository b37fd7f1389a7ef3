import { expect, test } from 'vitest'
import { ChainBroken, type ClientEvent, isReset, Refused, Spool } from '../src/index.ts'
import {
  type Act,
  answers,
  breaksOff,
  fallsSilent,
  frame,
  hangsUp,
  type Line,
  refuses,
  scriptedServer,
  streams,
} from './support/scripted-server.ts'

async function client(...acts: Act[]) {
  const server = await scriptedServer(...acts)
  const spool = new Spool({ url: `${server.url}/`, key: 'k', backoff: { maxMs: 10 }, silenceMs: 200 })
  return { ...server, session: spool.session('s') }
}

async function collect(events: AsyncIterable<ClientEvent>, count = Infinity): Promise<number[]> {
  const seqs: number[] = []
  for await (const { seq } of events) if (seqs.push(seq) >= count) break
  return seqs
}

const said = (seq: number): Line => [seq, seq - 1, 'text.delta']
const erased = (seq: number): Line => [seq, seq - 1, 'session.erased']

test('goes on after the last event that was handed out, whatever happened in between', async () => {
  const { session, received } = await client(
    streams(said(1), said(2)),
    hangsUp,
    refuses(503, 'unavailable', { 'retry-after': '0' }),
    refuses(429, 'too_many'),
    breaksOff(said(3)),
    fallsSilent(said(4)),
    streams(said(5), erased(6)),
  )
  expect(await collect(session.follow())).toEqual([1, 2, 3, 4, 5, 6])
  expect(received.map(({ headers }) => headers['last-event-id'])).toEqual([
    '0',
    '1-2',
    '1-2',
    '1-2',
    '1-2',
    '1-3',
    '1-4',
  ])
  expect(received[0]).toMatchObject({ path: '/v1/sessions/s/events', headers: { authorization: 'Bearer k' } })
})

test('an event whose body is no JSON is handed out as it lies in the log, and the chain goes on behind it', async () => {
  const { session } = await client((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('id: 1-1\nevent: custom.odd\ndata: {no json,"session":"s","seq":1,"prev":0}\n\n')
    response.end(frame(erased(2)))
  })
  const events: ClientEvent[] = []
  for await (const event of session.follow()) events.push(event)
  expect(events[0]).toEqual({
    type: 'custom.odd',
    unreadable: '{no json}',
    session: 's',
    seq: 1,
    prev: 0,
    cursor: '1-1',
  })
  expect(events[1]?.seq).toBe(2)
})

test('begins where it is told to', async () => {
  const { session, received } = await client(streams(said(8), erased(9)))
  expect(await collect(session.follow({ after: '1-7' }))).toEqual([8, 9])
  expect(received[0]!.headers['last-event-id']).toBe('1-7')
})

test('a gap is an error that says what was expected and what came', async () => {
  const { session } = await client(streams(said(1), said(2), [4, 3, 'text.delta']))
  const failing = collect(session.follow())
  await expect(failing).rejects.toThrow(ChainBroken)
  await expect(failing).rejects.toMatchObject({ code: 'chain_broken', expected: 2, found: 3, seq: 4 })
})

test('a repeat after a reconnect is an error', async () => {
  const { session } = await client(breaksOff(said(1), said(2)), streams(said(2)))
  await expect(collect(session.follow())).rejects.toMatchObject({ expected: 2, found: 1 })
})

test('a reset is handed on, and what follows comes after its cursor', async () => {
  const reset = { reason: 'the store was restored', cursor: '2-1000', session: { id: 's', phase: 'idle' } }
  const { session, received } = await client(
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`id: 2-1000\nevent: reset\ndata: ${JSON.stringify(reset)}\n\n`)
    },
    (response) => void response.end(frame([1001, 1000, 'session.erased'], 2)),
  )
  const events: ClientEvent[] = []
  for await (const event of session.follow({ after: '1-7' })) events.push(event)
  expect(events[0]).toMatchObject({ type: 'reset', cursor: '2-1000', session: 's', reason: reset.reason })
  expect(isReset(events[0]!) && events[0].state).toEqual(reset.session)
  expect(received[1]!.headers['last-event-id']).toBe('2-1000')
})

test('what was refused for good is not asked again', async () => {
  const { session, received } = await client(refuses(404, 'session_not_found'))
  const failing = collect(session.follow())
  await expect(failing).rejects.toThrow(Refused)
  await expect(failing).rejects.toMatchObject({ status: 404, code: 'session_not_found', message: /because of/ })
  expect(received).toHaveLength(1)
})

test('a run ends with its last event, without another request', async () => {
  const run = { run: 'r' }
  const { session, received } = await client(streams([3, 2, 'run.started', run], [4, 3, 'run.completed', run]))
  expect(await collect(session.followRun('r'))).toEqual([3, 4])
  expect(received).toHaveLength(1)
})

test('a run that was joined late ends when the server says that nothing follows', async () => {
  const run = { run: 'r' }
  const { session, received } = await client(streams([4, 3, 'run.completed', run]), answers(204))
  expect(await collect(session.followRun('r', { after: '1-3' }))).toEqual([4])
  expect(received[1]!.headers['last-event-id']).toBe('1-4')
})

test('a run that its gateway sent away in the middle goes on at the next', async () => {
  const run = { run: 'r' }
  const { session } = await client(
    streams([3, 2, 'run.started', { ...run, memory: 'on' }], [4, 3, 'run.completed', run]),
    streams([5, 4, 'memory.updated', run]),
  )
  expect(await collect(session.followRun('r'))).toEqual([3, 4, 5])
})

test('an abort ends it at once, while it reads and while it waits', async () => {
  const { session } = await client(fallsSilent(said(1)))
  const abort = new AbortController()
  const reading = session.follow({ signal: abort.signal })
  await reading.next()
  const next = reading.next()
  abort.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')

  const unreachable = new Spool({ url: 'http://127.0.0.1:9', key: 'k' }).session('s')
  const waiting = unreachable.follow({ signal: AbortSignal.timeout(50) }).next()
  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('whoever stops reading closes the connection', async () => {
  const closed = Promise.withResolvers<void>()
  const { session } = await client((response) => {
    response.once('close', closed.resolve)
    return fallsSilent(said(1), said(2))(response, { method: '', path: '', headers: {}, body: '' })
  })
  expect(await collect(session.follow(), 1)).toEqual([1])
  await closed.promise
})
