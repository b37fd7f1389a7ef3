import { expect, test } from 'vitest'
import { RunCancelled, RunFailed, Spool, Unreachable } from '../src/index.ts'
import {
  type Act,
  answers,
  breaksOff,
  fallsSilent,
  hangsUp,
  type Line,
  refuses,
  scriptedServer,
  streams,
} from './support/scripted-server.ts'

async function client(...acts: Act[]) {
  const server = await scriptedServer(...acts)
  const spool = new Spool({ url: server.url, key: 'k', backoff: { maxMs: 10 }, giveUpAfterMs: 300, silenceMs: 200 })
  return { ...server, spool, session: spool.session('s') }
}

const of = (seq: number, type: string, more: object = {}): Line => [seq, seq - 1, type, { run: 'r', ...more }]
const DONE = { status: 'done' }
const STARTED = of(1, 'run.started')
const MESSAGE = of(2, 'message.started', { message: 'm', purpose: 'answer' })
const stored = (more: object) => answers(200, { run: { id: 'r', ...more }, cursor: '1-9' })
const delta = (seq: number, text: string, message = 'm') => of(seq, 'text.delta', { message, text })

test('a message is sent with everything that goes with it, and the answer is its text', async () => {
  const { session, received } = await client(
    streams(STARTED, MESSAGE, delta(3, 'Hel'), delta(4, 'lo'), of(5, 'run.completed', DONE)),
  )
  const run = await session.send('Hi', { whenBusy: 'reject', onDisconnect: 'cancel', model: 'm1', metadata: { a: 1 } })
  expect(run.run).toBe('r')
  expect(await run.text()).toBe('Hello')
  expect(received[0]).toMatchObject({ method: 'POST', path: '/v1/sessions/s/runs' })
  expect(received[0]!.headers).toMatchObject({ accept: 'text/event-stream', 'content-type': 'application/json' })
  expect(JSON.parse(received[0]!.body)).toEqual({
    message: 'Hi',
    model: 'm1',
    when_busy: 'reject',
    on_disconnect: 'cancel',
    metadata: { a: 1 },
  })
})

test('a try without an answer is repeated under the same key, another message has another', async () => {
  const { session, received } = await client(
    hangsUp,
    refuses(503, 'unavailable'),
    streams(STARTED, of(2, 'run.completed', DONE)),
    streams(STARTED, of(2, 'run.completed', DONE)),
  )
  await (await session.send('Hi')).text()
  await (await session.send('Hi')).text()
  const keys = received.map(({ headers }) => headers['idempotency-key'])
  expect(keys[0]).toMatch(/^[A-Za-z0-9_-]{16,128}$/)
  expect(keys.slice(0, 3)).toEqual([keys[0], keys[0], keys[0]])
  expect(keys[3]).not.toBe(keys[0])
})

test('cut before the first event the request is repeated, cut later the run is followed', async () => {
  const { session, received } = await client(
    breaksOff(),
    breaksOff(STARTED, MESSAGE, delta(3, 'Hel')),
    fallsSilent(delta(4, 'lo')),
    streams(of(5, 'run.completed', DONE)),
  )
  const run = await session.send('Hi', { idempotencyKey: 'my-key' })
  expect(await run.text()).toBe('Hello')
  expect(received.map(({ method, path, headers }) => [method, path, headers['last-event-id']])).toEqual([
    ['POST', '/v1/sessions/s/runs', undefined],
    ['POST', '/v1/sessions/s/runs', undefined],
    ['GET', '/v1/sessions/s/runs/r/events', '1-3'],
    ['GET', '/v1/sessions/s/runs/r/events', '1-4'],
  ])
  expect(received[1]!.headers['idempotency-key']).toBe('my-key')
})

test('a text that began anew is the new one, and only answers are text', async () => {
  const { session } = await client(
    streams(
      STARTED,
      MESSAGE,
      delta(3, 'wrong'),
      of(4, 'generation.started', { message: 'm', kept: 0 }),
      delta(5, 'ri'),
      of(6, 'generation.started', { message: 'm', kept: 2 }),
      delta(7, 'ght'),
      of(8, 'message.started', { message: 't', purpose: 'title' }),
      delta(9, 'a title', 't'),
      of(10, 'run.completed', DONE),
    ),
  )
  expect(await (await session.send('Hi')).text()).toBe('right')
})

test('a run that failed says why', async () => {
  const error = { code: 'provider_failed', message: 'The model is away.', retryable: true }
  const { session } = await client(streams(STARTED, of(2, 'run.failed', { error })))
  const failing = (await session.send('Hi')).text()
  await expect(failing).rejects.toThrow(RunFailed)
  await expect(failing).rejects.toMatchObject({ code: 'provider_failed', retryable: true })
})

test('a run that was cancelled is no answer: it says why, and what it had written', async () => {
  const cancelled = of(4, 'run.cancelled', { by: 'user', reason: 'user' })
  const { session } = await client(streams(STARTED, MESSAGE, delta(3, 'Hel'), cancelled))
  const run = await session.send('Hi')
  const stopped = run.text()
  await expect(stopped).rejects.toThrow(RunCancelled)
  await expect(stopped).rejects.toMatchObject({ reason: 'user', text: 'Hel' })
  expect(await run.outcome()).toEqual({ status: 'cancelled', reason: 'user', text: 'Hel' })
})

test('a run that reached a limit answers with what it had, and its outcome says so', async () => {
  const limited = of(4, 'run.completed', { status: 'limit', limit: 'steps' })
  const { session } = await client(streams(STARTED, MESSAGE, delta(3, 'Hel'), limited))
  const run = await session.send('Hi')
  expect(await run.text()).toBe('Hel')
  expect(await run.outcome()).toEqual({ status: 'limit', limit: 'steps', text: 'Hel' })
})

test('of a run whose end was not seen the server is asked', async () => {
  const messages = answers(200, { messages: [{ id: 'm', run: 'r', role: 'assistant', text: 'Hello' }], cursor: '1-9' })
  const cut = streams(STARTED, MESSAGE, delta(3, 'Hel'), of(4, 'run.completed', DONE))
  const error = { code: 'provider_failed', message: 'The model is away.', retryable: true }
  const { session } = await client(
    cut,
    stored({ status: 'active' }),
    stored({ status: 'failed', error }),
    stored({ status: 'cancelled', cancelled: { by: 'user', reason: 'time_limit' } }),
    messages,
    stored({ status: 'done', cancelled: null, limit: null }),
    messages,
  )
  const run = await session.send('Hi')
  for await (const event of run.events) if (event.type === 'text.delta') break
  await expect(run.text()).rejects.toThrow('left before its end')
  await expect(run.text()).rejects.toThrow(RunFailed)
  await expect(run.text()).rejects.toMatchObject({ reason: 'time_limit', text: 'Hello' })
  expect(await run.outcome()).toEqual({ status: 'done', text: 'Hello' })
})

test('after a reset the text is read from the server', async () => {
  const { session } = await client(
    breaksOff(STARTED, MESSAGE, delta(3, 'Hel')),
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.end(`id: 2-9\nevent: reset\ndata: {"reason":"x","cursor":"2-9","session":{"id":"s"}}\n\n`)
    },
    answers(204),
    answers(200, { run: { id: 'r', status: 'done' }, cursor: '2-9' }),
    answers(200, { messages: [{ id: 'm', run: 'r', role: 'assistant', text: 'Hello' }], cursor: '2-9' }),
  )
  expect(await (await session.send('Hi')).text()).toBe('Hello')
})

test('a refusal is thrown at once, with the words of the server', async () => {
  const { session, received } = await client(refuses(409, 'session_busy'))
  await expect(session.send('Hi')).rejects.toMatchObject({ name: 'Refused', status: 409, code: 'session_busy' })
  expect(received).toHaveLength(1)
})

test('what cannot be reached for long enough is given up', async () => {
  const unreachable = new Spool({ url: 'http://127.0.0.1:9', backoff: { maxMs: 10 }, giveUpAfterMs: 50 })
  await expect(unreachable.session('s').send('Hi')).rejects.toThrow(Unreachable)
})

test('the other calls go where they belong', async () => {
  const { spool, session, received } = await client(
    ...Array.from({ length: 20 }, () =>
      answers(200, { cursor: '1-1', messages: [], sessions: [], agents: [], deleted: 2 }),
    ),
  )
  await session.cancel('r')
  await session.confirm('c', { action: 'modify', message: 'less' })
  await session.snapshot()
  await session.messages({ limit: 2, after: 7 })
  await session.message('m')
  await session.run('r')
  await session.events({ after: '1-3', limit: 5 })
  await spool.sessions({ before: 'x y' })
  await spool.session('a/b').snapshot()
  await session.confirmations()
  await session.artifacts()
  await session.messages({ at: '1-7', after: '3' })
  await session.rawMessage('m')
  await spool.search('green tea', { session: 's', role: 'user', limit: 5, before: '7.m.s' })
  expect(await (await session.blob('b/1')).text()).toContain('cursor')
  await session.erase({ memories: true })
  expect(await spool.agents()).toEqual([])
  await spool.memories({ user: 'ada', q: 'tea time', limit: 3 })
  await spool.forget('m/1')
  expect(await spool.forgetUser('ada', { agent: 'demo' })).toBe(2)
  expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/sessions/s/runs/r/cancel',
    'POST /v1/sessions/s/confirmations/c',
    'GET /v1/sessions/s',
    'GET /v1/sessions/s/messages?limit=2&after=7',
    'GET /v1/sessions/s/messages/m',
    'GET /v1/sessions/s/runs/r',
    'GET /v1/sessions/s/events?after=1-3&limit=5',
    'GET /v1/sessions?before=x+y',
    'GET /v1/sessions/a%2Fb',
    'GET /v1/sessions/s/confirmations',
    'GET /v1/sessions/s/artifacts',
    'GET /v1/sessions/s/messages?at=1-7&after=3',
    'GET /v1/sessions/s/messages/m/raw',
    'GET /v1/search?q=green+tea&session=s&role=user&limit=5&before=7.m.s',
    'GET /v1/sessions/s/blobs/b%2F1',
    'DELETE /v1/sessions/s?memories=true',
    'GET /v1/agents',
    'GET /v1/memories?user=ada&q=tea+time&limit=3',
    'DELETE /v1/memories/m%2F1',
    'DELETE /v1/memories?user=ada&agent=demo',
  ])
  expect(JSON.parse(received[1]!.body)).toEqual({ action: 'modify', message: 'less' })
})

test('a memory that is forgotten already is forgotten', async () => {
  const { spool, received } = await client(hangsUp, refuses(404, 'memory_not_found'), refuses(400, 'invalid_id'))
  await spool.forget('m')
  expect(received).toHaveLength(2)
  await expect(spool.forget('ü')).rejects.toMatchObject({ code: 'invalid_id' })
})
