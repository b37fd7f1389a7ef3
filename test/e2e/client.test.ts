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

test('a refusal and a failure are errors with a code and a sentence', async () => {
  const session = spool.session('refused')
  await expect(session.send('hi', { agent: 'nobody' })).rejects.toThrow(Refused)
  const run = await session.send('hi', { model: 'demo/fail?after=3&code=provider_refused' })
  await expect(run.text()).rejects.toThrow(RunFailed)
})
