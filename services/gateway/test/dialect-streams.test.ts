import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatCursor, newId } from '@spool/events'
import { grantKey } from '@spool/log'
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { call, Watcher } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

const TIGHT = 'key-of-a-tenant-with-one-stream'

let system: System
const folder = mkdtempSync(join(tmpdir(), 'spool-dialects-'))

beforeAll(async () => {
  const file = join(folder, 'spool.config.yaml')
  writeFileSync(file, 'limits: { tenants: { tight: { streams: 1 } } }\n')
  system = await startSystem({ SPOOL_KEEP_ALIVE_MS: '100', SPOOL_CONFIG: file })
  await grantKey(system.bus, TIGHT, 'tight', 'test')
})

afterEach(() => {
  Object.assign(system.orchestrator, { answers: () => ['Hello', ', ', 'world!'], afterwards: null, terms: {} })
  system.persistence.behind = false
})

afterAll(async () => {
  await system?.stop()
  rmSync(folder, { recursive: true })
})

const CHAT = '/chat/stream'
const AGENT = '/api/v1/agents/demo/chat/stream'
const ask = (path: string, session: string, key?: string) =>
  Watcher.open(system.url, path, { body: { message: 'hello', session_id: session }, ...(key !== undefined && { key }) })
const datas = (watcher: Watcher) => watcher.frames.map(({ data }) => data)
const signs = (watcher: Watcher) => watcher.raw.split('\n: ').length
const refOf = (session: string) => ({ tenant: 'default', session })
const usage = { input_tokens: 0, output_tokens: 0 }

/** An answer that stops behind its first word until it is let go on. */
function answerThatStops(): () => void {
  const goOn = Promise.withResolvers<void>()
  system.orchestrator.answers = async function* () {
    yield 'Hello'
    await goOn.promise
    yield ', world!'
  }
  onTestFinished(() => goOn.resolve())
  return goOn.resolve
}

test('while the store is behind, [DONE] waits and the stream is kept alive', async () => {
  const goOn = answerThatStops()
  const stream = await ask(CHAT, newId())
  await stream.until(({ frames }) => frames.length > 0)
  system.persistence.behind = true
  goOn()
  await stream.until((watcher) => datas(watcher).at(-1) === '{"content":", world!"}')
  const before = signs(stream)
  await stream.until((watcher) => signs(watcher) >= before + 4)
  expect(datas(stream).at(-1)).not.toBe('[DONE]')
  system.persistence.behind = false
  expect(await stream.over).toBe(true)
  expect(datas(stream)).toEqual(['{"content":"Hello"}', '{"content":", world!"}', '[DONE]'])
})

test('an answer that begins anew ends the stream, is not disturbed, and does not end it again for who comes back', async () => {
  const session = newId()
  const goOn = answerThatStops()
  const stream = await ask(CHAT, session)
  await stream.until(({ frames }) => frames.length > 0)
  const run = String(stream.headers['x-spool-run'])
  const native = await Watcher.open(system.url, `/v1/sessions/${session}/runs/${run}/events`)
  await native.untilType('text.delta')
  const { message } = native.events.find(({ type }) => type === 'message.started') as unknown as { message: string }
  const model = { provider: 'script', model: 'script' }
  const again = { run, message, attempt: 2, worker: 'other', reason: 'takeover' as const, kept: 0, ...model }
  await system.orchestrator.append(refOf(session), 'generation.started', again)
  expect(await stream.over).toBe(true)
  expect(datas(stream)).toEqual(['{"content":"Hello"}', expect.stringMatching(/^{"error":".*begin anew/)])

  await system.orchestrator.append(refOf(session), 'text.delta', { run, message, sequence: 2, text: 'Good day' })
  await system.orchestrator.append(refOf(session), 'message.completed', {
    run,
    message,
    status: 'complete',
    reason: 'stop',
  })
  const end = { run, status: 'done' as const, usage, steps: 1, duration_ms: 1 }
  await system.orchestrator.append(refOf(session), 'run.completed', end)
  expect(await native.over).toBe(true)
  const back = await Watcher.open(system.url, `${CHAT}?session_id=${session}&after=${stream.cursor}`)
  expect(await back.over).toBe(true)
  expect(datas(back)).toEqual([])
  const { json } = await call(system.url, `/sessions/${session}/messages`)
  expect(json).toMatchObject([{ role: 'user' }, { role: 'assistant', content: 'Good day', metadata: {} }])
  goOn()
})

test('chat is over with its run; an agent with memory once that is settled', async () => {
  system.orchestrator.terms = { memory: 'on' }
  const remembered = Promise.withResolvers<void>()
  system.orchestrator.afterwards = async (ref, run) => {
    const end = { run, status: 'done' as const, usage, steps: 1, duration_ms: 1 }
    await system.orchestrator.append(ref, 'run.completed', end)
    await remembered.promise
    const memories = [{ id: newId(), text: 'Likes tea.' }]
    await system.orchestrator.append(ref, 'memory.updated', { run, count: 1, memories })
  }
  const [chat, agent] = await Promise.all([ask(CHAT, newId()), ask(AGENT, newId())])
  expect(await chat.over).toBe(true)
  expect(datas(chat).at(-1)).toBe('[DONE]')
  const before = signs(agent)
  await agent.until((watcher) => signs(watcher) >= before + 2)
  expect(datas(agent).at(-1)).toContain('"content"')
  remembered.resolve()
  expect(await agent.over).toBe(true)
  expect(datas(agent).slice(-2)).toEqual([
    '{"chunk_type":"memory_update","content":"Likes tea.","tool_call":null,"memories_count":1}',
    '{"chunk_type":"done","content":null,"tool_call":null,"memories_count":null}',
  ])
})

test('a stream of an agent ends after half an hour, and says how to go on; the run goes on', async () => {
  const goOn = answerThatStops()
  const session = newId()
  const [agent, chat] = await Promise.all([ask(AGENT, session), ask(CHAT, newId())])
  for (const stream of [agent, chat]) await stream.until(({ frames }) => frames.some(({ id }) => id !== undefined))
  const later = Date.now() + 30 * 60_000 + 1000
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => later)
  try {
    expect(await agent.over).toBe(true)
  } finally {
    clock.mockRestore()
  }
  const cursor = agent.frames.at(-2)!.id
  expect(JSON.parse(datas(agent).at(-1)!)).toMatchObject({
    chunk_type: 'error',
    content: expect.stringContaining(`?session_id=${session}&after=${cursor}`),
  })
  expect(agent.frames.at(-1)!.id, 'it is no event').toBeUndefined()
  goOn()
  const back = await Watcher.open(system.url, `${AGENT}?session_id=${session}&after=${cursor}`)
  expect(await back.over).toBe(true)
  expect(datas(back).map((data) => (JSON.parse(data) as { chunk_type: string }).chunk_type)).toEqual([
    'start',
    'content',
    'done',
  ])
  expect(await chat.over, 'others have no limit of their own').toBe(true)
  expect(datas(chat).at(-1)).toBe('[DONE]')
})

test('a stream too many is 429, in words', async () => {
  const goOn = answerThatStops()
  const first = await until429(() => ask(AGENT, newId(), TIGHT))
  const { status, json, headers } = await call(system.url, AGENT, { key: TIGHT, body: { message: 'hello' } })
  expect(status).toBe(429)
  expect(json).toMatchObject({ code: 'too_many_streams', detail: expect.any(String) })
  expect(Number(headers['retry-after'])).toBeGreaterThan(0)
  goOn()
  await first.over
})

test('who was told that their run waits goes on with that one, and not with the one it waits for', async () => {
  const session = newId()
  const goOn = answerThatStops()
  const first = await ask(CHAT, session)
  await first.until(({ frames }) => frames.length > 0)
  const run = newId()
  const waiting = { run, kind: 'agent' as const, message: newId(), parts: [{ type: 'text' as const, text: 'next' }] }
  const seq = await system.orchestrator.append(refOf(session), 'run.queued', waiting)
  const resumed = (query: string) => Watcher.open(system.url, `/api/chat/agent?session_id=${session}${query}`)
  const cursor = formatCursor({ epoch: system.log.epochOf(refOf(session), seq), seq })
  const [back, without] = await Promise.all([resumed(`&after=${cursor}`), resumed('')])
  expect(back.headers['x-spool-run']).toBe(run)
  expect(without.headers['x-spool-run'], 'without a cursor: what is going on').toBe(first.headers['x-spool-run'])
  for (const stream of [first, back, without]) stream.cut()
  goOn()
})

/** As soon as the key is known. */
async function until429(open: () => Promise<Watcher>): Promise<Watcher> {
  let stream!: Watcher
  await until(async () => (stream = await open()).status === 200, 'the key is known')
  return stream
}

/** As persistence tells of it. */
const said = (index: number, more = {}) => ({
  id: `m${index}`,
  role: 'assistant',
  status: 'complete',
  reason: 'stop',
  text: `number ${index}`,
  created_at: null,
  streaming: { completed_at: null },
  ...more,
})

test('a list is read page by page, and its last so many are those that people see', async () => {
  const session = newId()
  // Every third has no text, as one that only calls tools.
  const all = Array.from({ length: 450 }, (_, index) => said(index, index % 3 === 2 ? { text: '' } : {}))
  const asked: { after?: string; last?: number; limit: number }[] = []
  system.persistence.answers.set('session', () => ({ session: { language: 'fr' }, cursor: { epoch: 1, seq: 1 } }))
  system.persistence.answers.set('messages', (question) => {
    const { after, last, limit } = question as (typeof asked)[number]
    asked.push({ limit, ...(after !== undefined && { after }), ...(last !== undefined && { last }) })
    const from = last === undefined ? Number(after ?? 0) : Math.max(0, all.length - last)
    const page = all.slice(from, from + limit)
    const next = from + limit < all.length ? String(from + limit) : null
    return { messages: page, next, ...(last !== undefined && { from }), cursor: { epoch: 1, seq: 1 } }
  })
  const list = async (query = '') => {
    asked.length = 0
    const { json } = await call(system.url, `/sessions/${session}/messages${query}`)
    return (json as unknown as { content: string }[]).map(({ content }) => content)
  }
  try {
    const shown = all.filter(({ text }) => text !== '').map(({ text }) => text)
    expect(await list()).toEqual(shown)
    expect(asked).toEqual([{ limit: 200 }, { limit: 200, after: '200' }, { limit: 200, after: '400' }])
    for (const limit of [1, 2, 7, 250, 299, 300, 1000])
      expect(await list(`?limit=${limit}`)).toEqual(shown.slice(-limit))
  } finally {
    system.persistence.answers.clear()
  }
})
