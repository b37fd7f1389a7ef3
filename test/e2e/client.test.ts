import { type ClientEvent, Refused, RunFailed, Spool } from '@spool/client'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { until } from './support/system.ts'

let system: SpoolUnderTest
let spool: Spool

beforeAll(async () => {
  system = await startSpool()
  spool = new Spool({ url: system.url, key: system.key })
})

afterAll(() => system?.stop())

test('a program that only reads its answer never notices that every service was killed on the way', async () => {
  const model = 'demo/steady?tokens=300&tps=30&seed=51'
  const session = spool.session('unaware')
  const run = await session.send('go', { model })
  const seen: ClientEvent[] = []
  const reading = (async () => {
    for await (const event of run.events) seen.push(event)
  })()
  for (const service of ['gateway', 'llm-proxy', 'persistence', 'agent-orchestrator']) {
    const before = seen.length
    await until(`news before ${service} is killed`, () => seen.length > before + 10)
    system.kill(service)
  }
  await reading
  // The client checks the chain itself: a gap or a repeat would have thrown.
  expect(await run.text()).toBe(demoScript(model).join(''))
  const { messages, cursor } = await session.messages()
  expect(messages.map(({ role, status }) => `${role} ${status}`)).toEqual(['user complete', 'assistant complete'])
  expect(seen.at(-1)?.cursor).toBe(cursor)
})

test('whoever follows the session from a cursor sees the same events as whoever was there from the beginning', async () => {
  const session = spool.session('followed')
  const done = new AbortController()
  const all: ClientEvent[] = []
  await session.send('one', { model: 'demo/steady?tokens=20&tps=100&seed=52' }).then((run) => run.text())
  const { cursor } = await session.messages()
  const following = (async () => {
    for await (const event of session.follow({ signal: done.signal })) all.push(event)
  })().catch(() => undefined)
  const second = await session.send('two', { model: 'demo/steady?tokens=20&tps=100&seed=53' })
  await second.text()
  const later: ClientEvent[] = []
  for await (const event of session.followRun(second.run)) later.push(event)
  await until('the follower has the end', () => all.at(-1)?.cursor === later.at(-1)?.cursor)
  done.abort()
  await following
  expect(all.filter(({ seq }) => seq > Number(cursor.split('-')[1]))).toEqual(later)
})

test('a cancel resolves when the partial answer is stored, and the text is what was said until then', async () => {
  const model = 'demo/steady?tokens=100000&tps=200&seed=54'
  const session = spool.session('stopped')
  const run = await session.send('go', { model })
  let words = 0
  for await (const event of run.events) {
    if (event.type === 'text.delta' && ++words === 20) void session.cancel(run.run)
  }
  const { status, reason, text } = await run.outcome()
  expect([status, reason]).toEqual(['cancelled', 'user'])
  expect(text.length).toBeGreaterThan(0)
  expect(demoScript(model).join('').startsWith(text)).toBe(true)
})

test('what was said is found, its session is read as it was then, and the raw message says what led to it', async () => {
  const session = spool.session('looked-back-at')
  const model = 'demo/steady?tokens=20&tps=200&seed=55'
  const first = await session.send('Where is the pomegranate?', { model })
  const events: ClientEvent[] = []
  for await (const event of first.events) events.push(event)
  await (await session.send('And the quince?', { model })).text()
  const { hits } = await spool.search('the pomegr')
  expect(hits).toMatchObject([{ session: 'looked-back-at', role: 'user', status: 'complete' }])
  expect(hits[0]!.snippet.filter(({ hit }) => hit).map(({ text }) => text)).toEqual(['the', 'pomegranate'])
  const { session: then, cursor } = await session.snapshot({ at: hits[0]!.cursor })
  expect([then.active_run, cursor]).toEqual([first.run, hits[0]!.cursor])
  // In the middle of the answer, long after it.
  const delta = events.filter(({ type }) => type === 'text.delta')[4]!
  const { messages } = await session.messages({ at: delta.cursor })
  expect(messages.map(({ status }) => status)).toEqual(['complete', 'streaming'])
  expect(demoScript(model).join('').startsWith(messages[1]!.text)).toBe(true)
  expect((await session.run(first.run, { at: delta.cursor })).run.status).toBe('active')
  await expect(session.snapshot({ at: '1-99999999' })).rejects.toMatchObject({ code: 'cursor_not_found' })
  const { request, response } = await session.rawMessage(messages[1]!.id)
  expect(request.messages.at(-1)).toEqual({
    role: 'user',
    content: [{ type: 'text', text: 'Where is the pomegranate?' }],
  })
  expect(response).toMatchObject({ content: demoScript(model).join(''), finish_reason: 'stop' })
})

test('a refusal and a failure are errors with a code and a sentence', async () => {
  const session = spool.session('refused')
  await expect(session.send('hi', { agent: 'nobody' })).rejects.toThrow(Refused)
  const run = await session.send('hi', { model: 'demo/fail?after=3&code=provider_refused' })
  await expect(run.text()).rejects.toThrow(RunFailed)
})
