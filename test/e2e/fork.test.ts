import { type EventFields, type EventType, type PromptMessage, draft, encodeEvent, newId, prompt } from '@spool/events'
import { ArchiveOverNats, Bus, ChainWriter, Log, Queries, SessionLoader, type SessionRef } from '@spool/log'
import { type RunningNats, type SpoolUnderTest, startNats, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Frame, textOf, tokensIn } from './support/follower.ts'
import { followRun, get, post, start, stream, until } from './support/system.ts'

let nats: RunningNats
let spool: SpoolUnderTest
let bus: Bus
let log: Log

beforeAll(async () => {
  nats = await startNats()
  spool = await startSpool({ nats })
  bus = await Bus.connect({ servers: nats.url, name: 'test' })
  log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
})

afterAll(async () => {
  await bus?.close()
  await spool?.stop()
  await nats?.stop()
})

interface Forked {
  session: string
  cursor: string
  forked_from: { session: string; cursor: string }
}

interface Message {
  id: string
  run: string | null
  role: string
  text: string
  status: string
  partial: boolean
  reason: string | null
}

function fork(session: string, body: Record<string, unknown> = {}, headers: Record<string, string> = {}) {
  return post(spool, `/v1/sessions/${session}/fork`, body, headers)
}

async function forked(session: string, body?: Record<string, unknown>): Promise<Forked> {
  const answer = await fork(session, body)
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  return answer.body as unknown as Forked
}

async function messagesOf(session: string): Promise<Message[]> {
  return (await get<{ messages: Message[] }>(spool, `/v1/sessions/${session}/messages?limit=1000`)).messages
}

/** Sends a message and says what the model was sent for the answer. */
async function sentFor(session: string, body: Record<string, unknown>): Promise<PromptMessage[]> {
  const { frames } = await stream(spool, session, body)
  expect(frames.at(-1)?.event).toBe('run.completed')
  const { message } = frames.find(({ event }) => event === 'message.completed')!.data
  return prompt(await new SessionLoader(log).load({ tenant: 'default', session }), String(message))
}

test('a fork goes on as the original would have, with what its tools found out, and again it is the same fork', async () => {
  await stream(spool, 'original', { agent: 'demo-tools', message: 'What time is it, and what is 17 + 25?' })
  const first = await fork('original', {}, { 'idempotency-key': 'once' })
  expect(first).toMatchObject({
    status: 201,
    body: { forked_from: { session: 'original', cursor: expect.stringMatching(/^1-\d+$/) as string } },
  })
  const { session: copy, forked_from: from } = first.body as unknown as Forked
  const [said, copied] = await Promise.all([messagesOf('original'), messagesOf(copy)])
  expect(said.length).toBeGreaterThan(2)
  expect(copied.map(({ id, role, text, status }) => ({ id, role, text, status }))).toEqual(
    said.map(({ id, role, text, status }) => ({ id, role, text, status })),
  )
  expect(new Set(copied.map(({ run }) => run))).toEqual(new Set([null]))
  const { session } = await get<{ session: Record<string, unknown> }>(spool, `/v1/sessions/${copy}`)
  expect(session).toMatchObject({
    forked_from: { ...from, whole: true },
    agent: 'demo-tools',
    phase: 'idle',
    usage: { input_tokens: 0, output_tokens: 0 },
  })
  const next = { message: 'And now?', model: 'demo/steady?tokens=3&tps=100' }
  const [here, there] = await Promise.all([sentFor('original', next), sentFor(copy, next)])
  expect(there).toEqual(here)
  expect(there.some(({ role }) => role === 'tool')).toBe(true)
  expect(await fork('original', {}, { 'idempotency-key': 'once' })).toEqual(first)
})

test('a fork at a token ends with that token, as partial, and the original is not disturbed', async () => {
  const model = 'demo/steady?tokens=200&tps=200&seed=7'
  const { run } = await start(spool, 'streaming', { message: 'go', model })
  const seen: Frame[] = []
  const following = followRun(spool, 'streaming', run, { onFrame: (frame) => void seen.push(frame) })
  await until('40 tokens', () => tokensIn(seen) >= 40)
  const at = seen.findLast(({ event }) => event === 'text.delta')!
  const { session, forked_from } = await forked('streaming', { at: at.id })
  expect(forked_from).toEqual({ session: 'streaming', cursor: at.id })
  const said = textOf(seen.slice(0, seen.indexOf(at) + 1), run)
  expect(await messagesOf(session)).toMatchObject([
    { role: 'user', text: 'go' },
    { role: 'assistant', status: 'partial', partial: true, reason: 'forked', text: said },
  ])
  const frames = await following
  expect(frames.at(-1)?.event).toBe('run.completed')
  const [first] = frames
  expect((await forked('streaming', { at: first!.id, session: 'from-the-start' })).session).toBe('from-the-start')
  expect(await messagesOf('from-the-start')).toEqual([])
})

test('a question that waits is not in the copy, and waits on in the original', async () => {
  const leaving = new AbortController()
  const { frames } = await stream(
    spool,
    'asking',
    { agent: 'demo-plan', message: 'wait a moment, then send a postcard to Ada' },
    { signal: leaving.signal, onFrame: ({ event }) => event === 'confirmation.requested' && leaving.abort() },
  )
  const { session } = await forked('asking')
  const snapshot = (of: string) => get<{ session: { phase: string; question: unknown } }>(spool, `/v1/sessions/${of}`)
  expect((await snapshot(session)).session).toMatchObject({ phase: 'idle', question: null })
  expect((await snapshot('asking')).session).toMatchObject({ phase: 'awaiting_confirmation' })
  const again = await forked(session)
  expect((await messagesOf(again.session)).map(({ text }) => text)).toEqual(
    (await messagesOf(session)).map(({ text }) => text),
  )
  const { confirmation } = frames.at(-1)!.data
  const path = `/v1/sessions/asking/confirmations/${String(confirmation)}`
  expect(await post(spool, path, { action: 'cancel' })).toMatchObject({ status: 200 })
})

test('what cannot be forked is refused by its code, and a copy outlives its original', async () => {
  const { frames } = await stream(spool, 'parent', { message: 'Hi', model: 'demo/steady?tokens=3&tps=100' })
  const end = frames.at(-1)!.id
  const problem = async (session: string, body: Record<string, unknown>, headers: Record<string, string> = {}) => {
    const answer = await fork(session, body, headers)
    return `${answer.status} ${String(answer.body['code'])}`
  }
  expect(await problem('parent', { at: 'yesterday' })).toBe('400 malformed_cursor')
  expect(await problem('parent', { att: end })).toBe('400 invalid_body')
  expect(await problem('parent', { session: 'a b' })).toBe('400 invalid_body')
  expect(await problem('nobody', {})).toBe('404 session_not_found')
  expect(await problem('parent', { at: '1-999999' })).toBe('404 cursor_not_found')
  expect(await problem('parent', { at: '0' })).toBe('404 cursor_not_found')
  expect(await problem('parent', { session: 'parent' })).toBe('409 session_exists')
  const key = { 'idempotency-key': 'k' }
  expect((await fork('parent', { at: end }, key)).status).toBe(201)
  expect(await problem('parent', { at: frames[0]!.id }, key)).toBe('422 idempotency_key_reused')
  const child = await forked('parent', { at: end })
  const erased = await fetch(`${spool.url}/v1/sessions/parent`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${spool.key}` },
  })
  expect(erased.status).toBe(200)
  expect(await problem('parent', {})).toBe('410 session_erased')
  expect(await messagesOf((await forked(child.session)).session)).toHaveLength(2)
})

/** (500 turns with 13 deltas each, 1,000 messages in 10,000 events, are copied in 1.1 s on 2 shared cores.) */
const TURNS = 200
const DELTAS = 2

async function longSession(ref: SessionRef): Promise<void> {
  const writer = new ChainWriter(log, ref, 0)
  const say = async <Type extends EventType>(type: Type, fields: EventFields<Type>) => {
    await writer.append({ id: newId(), type, body: encodeEvent(draft(type, fields)) })
  }
  for (let turn = 0; turn < TURNS; turn++) {
    const [run, message, input] = [`run-${turn}`, `answer-${turn}`, `question-${turn}`]
    await say('run.started', { run, kind: 'agent', agent: 'demo', input })
    await say('message.added', {
      run,
      message: input,
      role: 'user',
      parts: [{ type: 'text', text: `Question ${turn}` }],
    })
    await say('message.requested', { run, message, purpose: 'answer', model: 'm' })
    const by = { run, message, provider: 'p', model: 'm' }
    await say('message.started', { ...by, role: 'assistant', purpose: 'answer' })
    await say('generation.started', { ...by, attempt: 1, worker: 'w', reason: 'first', kept: 0 })
    for (let sequence = 1; sequence <= DELTAS; sequence++) {
      await say('text.delta', { run, message, sequence, text: `Word ${sequence} of answer ${turn}. ` })
    }
    await say('message.completed', { run, message, status: 'complete', reason: 'stop' })
    const usage = { input_tokens: 5, output_tokens: 5 }
    await say('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 })
  }
}

test('of a long session the whole copy is there, also when the orchestrator dies in the middle of it', async () => {
  const source = { tenant: 'default', session: 'long' }
  await longSession(source)
  const askedAt = performance.now()
  await forked('long', { session: 'long-copy' })
  console.info(
    `fork of ${2 * TURNS} messages in ${(7 + DELTAS) * TURNS} events: ${Math.round(performance.now() - askedAt)} ms`,
  )
  const said = await messagesOf('long')
  expect(said).toHaveLength(2 * TURNS)
  const texts = said.map(({ id, text }) => ({ id, text }))
  expect((await messagesOf('long-copy')).map(({ id, text }) => ({ id, text }))).toEqual(texts)

  const before = await log.lastPosition({ ...source, session: 'long-copy' })
  const asking = fork('long', { session: 'broken-copy' })
  await until('some of the copy', async () => {
    return (await log.lastPosition({ ...source, session: 'broken-copy' })) > before + 50
  })
  spool.kill('agent-orchestrator')
  let answer = await asking
  expect([201, 202]).toContain(answer.status)
  await until('the copy is whole', async () => {
    if (answer.status !== 201) answer = await fork('long', { session: 'broken-copy' })
    return answer.status === 201
  })
  expect((await messagesOf('broken-copy')).map(({ id, text }) => ({ id, text }))).toEqual(texts)
  const { events } = await get<{ events: { type: string }[] }>(spool, '/v1/sessions/broken-copy/events?limit=1000')
  const copies = Array.from(said, () => 'message.added')
  expect(events.map(({ type }) => type)).toEqual(['session.forked', ...copies, 'session.forked'])
})
