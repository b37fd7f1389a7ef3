import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { newId } from '@spool/events'
import { ScriptedOrchestrator } from './support/scripted-orchestrator.ts'
import { call, chainFault, startRun, Watcher } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())
afterEach(() => {
  const { answers, refuse } = new ScriptedDefaults()
  Object.assign(system.orchestrator, { answers, refuse, silent: false, standing: false })
  system.persistence.away = false
})

class ScriptedDefaults {
  answers: ScriptedOrchestrator['answers'] = () => ['Hello', ', ', 'world', '!']
  refuse: ScriptedOrchestrator['refuse'] = () => null
}

const ENDED = { usage: { input_tokens: 0, output_tokens: 0 }, steps: 1, duration_ms: 1 }
const FAILURE = { code: 'provider_failed', message: 'The model is away.', retryable: true }

const keyed = (key: string) => ({ 'idempotency-key': key })
const runs = (session: string) => `/v1/sessions/${session}/runs`

test('a run streams from its first event to its last, in one unbroken chain, and the stream ends', async () => {
  const session = newId()
  const stream = await startRun(system.url, session, { message: 'Hi' })
  expect(await stream.over).toBe(true)
  expect(stream.status).toBe(200)
  expect(stream.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    'x-spool-session': session,
  })
  expect(stream.raw.startsWith('retry: ')).toBe(true)
  expect(stream.text).toBe('Hello, world!')
  expect(stream.events[0]).toMatchObject({ type: 'run.started', session, prev: 0 })
  expect(stream.events.at(-1)).toMatchObject({ type: 'run.completed', run: stream.headers['x-spool-run'] })
  expect(chainFault(stream.events)).toBeNull()
  expect(stream.frames.every((frame) => frame.id === `1-${(JSON.parse(frame.data) as { seq: number }).seq}`)).toBe(true)
})

test('the second run of a session streams its own window only', async () => {
  const session = newId()
  const first = await startRun(system.url, session, { message: 'one' })
  await first.over
  const second = await startRun(system.url, session, { message: 'two' })
  await second.over
  expect(second.events.every((event) => event.run === second.headers['x-spool-run'])).toBe(true)
  expect(chainFault(second.events, first.events.at(-1)!.seq)).toBeNull()
})

test('without a wish to stream the answer is 202 with where to look', async () => {
  const session = newId()
  const { status, json, headers } = await call(system.url, runs(session), { body: { message: 'Hi' } })
  expect(status).toBe(202)
  expect(json).toMatchObject({ session, run: headers['x-spool-run'], cursor: '0' })
  const { links } = json as { links: Record<string, string> }
  const followed = await Watcher.open(system.url, links['events']!)
  await followed.over
  expect(followed.text).toBe('Hello, world!')
})

describe('with a preference to wait', () => {
  test('the finished message is the answer', async () => {
    const { status, json, headers } = await call(system.url, runs(newId()), {
      body: { message: 'Hi' },
      headers: { prefer: 'wait=20' },
    })
    expect(status).toBe(200)
    expect(headers['preference-applied']).toBe('wait=20')
    expect(json).toMatchObject({ status: 'done', message: { status: 'complete', text: 'Hello, world!' } })
  })

  test.each([
    ['run.completed', { status: 'limit', limit: 'steps', ...ENDED }, { status: 'limit', limit: 'steps' }],
    ['run.cancelled', { by: 'spool', reason: 'time_limit' }, { status: 'cancelled', reason: 'time_limit' }],
    ['run.failed', { error: FAILURE }, { status: 'failed', error: FAILURE }],
  ] as const)('why it ended with %s is said beside its message', async (type, fields, told) => {
    const { orchestrator } = system
    orchestrator.afterwards = async (ref, run) => void (await orchestrator.append(ref, type, { run, ...fields }))
    const wait = { body: { message: 'Hi' }, headers: { prefer: 'wait=20' } }
    const { json } = await call(system.url, runs(newId()), wait).finally(() => (orchestrator.afterwards = null))
    const { session, run, cursor, links, message, ...rest } = json
    expect([session, run, cursor, links, message]).not.toContain(undefined)
    expect(rest).toEqual(told)
  })

  test('a run that takes longer is answered with 202 when the time is over', async () => {
    const gate = Promise.withResolvers<void>()
    system.orchestrator.answers = async function* () {
      await gate.promise
      yield 'late'
    }
    const { status } = await call(system.url, runs(newId()), { body: { message: 'Hi' }, headers: { prefer: 'wait=1' } })
    expect(status).toBe(202)
    gate.resolve()
  })
})

describe('the idempotency key', () => {
  test('starts nothing twice and streams the same run from its first event, through any gateway', async () => {
    const session = newId()
    const key = newId()
    const first = await startRun(system.url, session, { message: 'Hi' }, keyed(key))
    await first.over
    const other = await system.anotherGateway()
    for (const url of [system.url, other.url]) {
      const again = await startRun(url, session, { message: 'Hi' }, keyed(key))
      await again.over
      expect(again.frames).toEqual(first.frames)
    }
  })

  test('has the same answer during the run and long after it, and from its cursor on nothing of the run is missing', async () => {
    const session = newId()
    await (
      await startRun(system.url, session, { message: 'before' })
    ).over
    const gate = Promise.withResolvers<void>()
    system.orchestrator.answers = async function* () {
      await gate.promise
      yield 'late'
    }
    // The orchestrator tells of a repeated request where the session stands by then.
    system.orchestrator.standing = true
    const body = { body: { message: 'Hi' }, headers: keyed(newId()) }
    const first = await call(system.url, runs(session), body)
    gate.resolve()
    const { links } = first.json as { links: Record<string, string> }
    const run = await Watcher.open(system.url, links['events']!)
    await run.over
    const again = await call(system.url, runs(session), body)
    expect([again.status, again.json]).toEqual([202, first.json])
    const after = `/v1/sessions/${session}/events?after=${again.json['cursor'] as string}`
    const page = await call(system.url, after, { headers: { accept: 'application/json' } })
    expect(page.json['events']).toEqual(run.events)
  })

  test('says nothing about another session', async () => {
    const key = newId()
    const one = await startRun(system.url, newId(), { message: 'Hi' }, keyed(key))
    const two = await startRun(system.url, newId(), { message: 'Hi' }, keyed(key))
    expect(one.headers['x-spool-run']).not.toBe(two.headers['x-spool-run'])
    await Promise.all([one.over, two.over])
  })

  test('with another body is 422; spaces and the order of fields are no difference', async () => {
    const session = newId()
    const headers = keyed(newId())
    const first = await call(system.url, runs(session), { raw: '{"message":"Hi","model":"m"}', headers })
    const same = await call(system.url, runs(session), { raw: '{ "model":"m" , "message":"Hi" }', headers })
    const other = await call(system.url, runs(session), { raw: '{"message":"Ho","model":"m"}', headers })
    expect([first.status, same.status, other.status]).toEqual([202, 202, 422])
    expect(same.json['run']).toBe(first.json['run'])
    expect(other.json).toMatchObject({ code: 'idempotency_key_reused', status: 422 })
  })
})

describe('a refusal', () => {
  test('that comes in time is the status line', async () => {
    system.orchestrator.refuse = () => ({ ok: false, status: 409, code: 'session_busy', message: 'A run is active.' })
    for (const accept of ['text/event-stream', 'application/json']) {
      const answer = await call(system.url, runs(newId()), { body: { message: 'Hi' }, headers: { accept } })
      expect(answer.status).toBe(409)
      expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
      expect(answer.json).toMatchObject({ code: 'session_busy', detail: 'A run is active.' })
    }
  })

  test('for now says when to come back', async () => {
    system.orchestrator.refuse = () => ({ ok: false, status: 429, code: 'too_many_runs', message: 'Wait.' })
    const answer = await call(system.url, runs(newId()), { body: { message: 'Hi' } })
    expect(answer.status).toBe(429)
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('when nobody replies', () => {
  test('the stream opens all the same and carries the run once it is taken up', async () => {
    system.orchestrator.silent = true
    const gate = Promise.withResolvers<void>()
    system.orchestrator.answers = async function* () {
      await gate.promise
      yield 'at last'
    }
    const stream = await startRun(system.url, newId(), { message: 'Hi' })
    expect(stream.status).toBe(200)
    gate.resolve()
    await stream.over
    expect(stream.text).toBe('at last')
    expect(chainFault(stream.events)).toBeNull()
  })

  test('also where persistence is away and the session is new', async () => {
    system.persistence.away = true
    const session = newId()
    const opening = startRun(system.url, session, { message: 'Hi' })
    // Nobody can say whether the session is new: the orchestrator waits, and so does the stream.
    const stream = await opening
    expect(stream.status).toBe(200)
    expect(stream.frames).toEqual([])
    system.persistence.away = false
    await stream.over
    expect(stream.text).toBe('Hello, world!')
  })

  test('a 202 has no cursor yet', async () => {
    system.orchestrator.silent = true
    const { status, json } = await call(system.url, runs(newId()), { body: { message: 'Hi' } })
    expect(status).toBe(202)
    expect(json['cursor']).toBeNull()
  })

  test('a repeated request streams a run that is long over', async () => {
    const session = newId()
    const headers = { 'idempotency-key': newId() }
    const first = await startRun(system.url, session, { message: 'Hi' }, headers)
    await first.over
    system.orchestrator.silent = true
    const again = await startRun(system.url, session, { message: 'Hi' }, headers)
    await again.over
    expect(again.frames).toEqual(first.frames)
  })

  test('a refusal that comes late is told by the log', async () => {
    system.orchestrator.silent = true
    const session = newId()
    system.orchestrator.refuse = ({ run }) => {
      const error = { code: 'unknown_model', message: 'There is no such model.', retryable: false }
      void system.orchestrator.append({ tenant: 'default', session }, 'run.failed', { run, error })
      return { ok: false, status: 400, code: 'unknown_model', message: 'There is no such model.' }
    }
    const stream = await startRun(system.url, session, { message: 'Hi' })
    await stream.over
    expect(stream.events).toMatchObject([{ type: 'run.failed', error: { code: 'unknown_model' } }])
  })
})

test('what a person writes reaches the log and every reader verbatim', async () => {
  const text = `nul \\u0000, halves \\ud800 \\udc00, ${'🦊'.repeat(1000)}, \\u2028, مرحبا, "quotes" \\ back`
    .replaceAll('"', '\\"')
    .replace('\\ back', '\\\\ back')
  const session = newId()
  const stream = await Watcher.open(system.url, runs(session), { raw: `{"message":"${text}"}` })
  await stream.over
  const added = stream.events.find((event) => event.type === 'message.added') as unknown as {
    parts: { text: string }[]
  }
  expect(added.parts[0]!.text).toBe(JSON.parse(`"${text}"`))
})

test('metadata and the user in it go along with the request', async () => {
  await call(system.url, runs(newId()), {
    body: { message: [{ type: 'text', text: 'Hi' }], metadata: { user: 'u1', deep: { a: [1] } }, when_busy: 'reject' },
  })
  const { request } = system.orchestrator.taken.at(-1)!
  expect(request).toMatchObject({
    user: 'u1',
    metadata: { deep: { a: [1] } },
    when_busy: 'reject',
    on_disconnect: 'continue',
    parts: [{ type: 'text', text: 'Hi' }],
  })
})

test('a user may be a number, which is not changed in the metadata, and nobody is nobody', async () => {
  for (const [user, whose] of [
    [42, '42'],
    ['', undefined],
    [null, undefined],
  ] as const) {
    await call(system.url, runs(newId()), { body: { message: 'Hi', metadata: { user } } })
    const { request } = system.orchestrator.taken.at(-1)!
    expect([request.user, request.metadata]).toEqual([whose, { user }])
  }
})

test.each(['zh', 'zh-CN', 'zh_CN', 'pt-BR', 'sr_Latn_RS'])('%s is a language', async (language) => {
  const { status } = await call(system.url, runs(newId()), { body: { message: 'Hi', language } })
  expect([status, system.orchestrator.taken.at(-1)!.request.language]).toEqual([202, language])
})

test('a request is safe before anything is answered', async () => {
  // Nobody takes it: what is left is the queue.
  await system.orchestrator.stop()
  try {
    const answer = await call(system.url, runs(newId()), { body: { message: 'keep me' } })
    expect(answer.status).toBe(202)
    const info = await system.bus.jsm.streams.info('INTAKE')
    expect(info.state.messages).toBe(1)
  } finally {
    await system.orchestrator.start()
  }
  await until(async () => (await system.bus.jsm.streams.info('INTAKE')).state.messages === 0, 'the queue is worked off')
})

test('a full intake is 503 with a time to come back, and nothing is written', async () => {
  await system.orchestrator.stop()
  const { config } = await system.bus.jsm.streams.info('INTAKE')
  try {
    await system.bus.jsm.streams.update('INTAKE', { ...config, max_msgs: 1 })
    const answers = [
      await call(system.url, runs(newId()), { body: { message: 'one' } }),
      await call(system.url, runs(newId()), { body: { message: 'two' } }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([202, 503])
    expect(answers[1]!.json).toMatchObject({ code: 'overloaded' })
    expect(Number(answers[1]!.headers['retry-after'])).toBeGreaterThan(0)
  } finally {
    await system.bus.jsm.streams.update('INTAKE', config)
    await system.orchestrator.start()
  }
})
