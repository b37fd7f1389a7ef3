import type { SessionState } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'
import { verifySnapshots } from './support/verify-snapshots.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
})
afterAll(() => system.stop())

const utf8 = new TextEncoder()

async function messagesOf(conversation: Conversation): Promise<{ id: string; text: string; status: string }[]> {
  const ask = { ...conversation.ref, atLeast: { seq: conversation.seq } }
  const { messages } = await system.queries.ask<{ messages: { id: string; text: string; status: string }[] }>(
    'messages',
    ask,
    6000,
  )
  return messages
}

async function stateOf(conversation: Conversation): Promise<SessionState> {
  await caughtUp(system)
  return (await system.archive.state(conversation.ref))!
}

test.each([
  ['NUL', 'a\u0000b'],
  ['half characters', 'a\ud83db\ude00c'],
  ['right-to-left text', 'שלום עולם \u202eabc'],
  ['quotes and backslashes', '"\\"\\\\ {"a":[1,2]} \\u0000'],
  ['30,000 emoji', '😀'.repeat(30_000)],
])('a message with %s is kept and given back verbatim', async (_what, text) => {
  const conversation = new Conversation(system.log)
  await conversation.answer(2, text)
  expect((await messagesOf(conversation))[0]!.text).toBe(text)
  const events = []
  for await (const stored of system.archive.read(conversation.ref, 0, conversation.seq)) events.push(stored)
  expect(events[1]!.event()).toMatchObject({ type: 'message.added', parts: [{ type: 'text', text }] })
  expect(await stateOf(conversation)).toMatchObject({ messages: [{ text }, {}] })
})

test('an answer of 100,000 emoji, half characters at the seams of its pieces and all', async () => {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.begin()
  const piece = '🦜'.repeat(250)
  for (let n = 1; n <= 400; n++) await conversation.delta(run, message, n, piece)
  const whole = '🦜'.repeat(100_000)
  // While it streams its row is behind; what is missing is folded on top.
  expect((await messagesOf(conversation))[1]).toMatchObject({ status: 'streaming' })
  expect((await messagesOf(conversation))[1]!.text === whole).toBe(true)
  await conversation.finish(run, message, 400)
  expect((await messagesOf(conversation))[1]).toMatchObject({ status: 'complete' })
  expect((await messagesOf(conversation))[1]!.text === whole).toBe(true)
  let text = ''
  for await (const stored of system.archive.read(conversation.ref, 0, conversation.seq)) {
    const event = stored.event()
    if (event?.type === 'text.delta') text += event.text
  }
  expect(text === whole).toBe(true)
})

test.each([
  ['is not JSON', utf8.encode('{"v":1,'), 'not JSON'],
  ['is not UTF-8', new Uint8Array([0x22, 0xff, 0xfe, 0x22]), 'not UTF-8'],
  ['does not fit its type', utf8.encode('{"v":1,"type":"text.delta","run":7}'), /run/],
  [
    'is nested too deeply for Postgres',
    utf8.encode(`{"type":"a.b","x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`),
    /stack depth/,
  ],
])(
  'an event whose body %s keeps its row and its bytes, is marked, and holds nothing up',
  async (_what, body, problem) => {
    const conversation = new Conversation(system.log)
    const { run, message } = await conversation.begin()
    await conversation.delta(run, message, 1, 'before ')
    const at = await conversation.append('text.delta', body)
    await conversation.delta(run, message, 2, 'after')
    await conversation.finish(run, message, 2)
    expect((await messagesOf(conversation))[1]).toMatchObject({ status: 'complete', text: 'before after' })

    const [row] = await system.sql<{ problem: string; on_chain: boolean; body: string | null; raw: Buffer | null }>(
      'select problem, on_chain, body::text, raw from events where seq = $1',
      [at],
    )
    expect(row!.problem).toMatch(problem)
    expect(row!.on_chain).toBe(true)
    expect(row!.raw ?? Buffer.from(row!.body!)).toEqual(Buffer.from(body))
    const delivered = []
    for await (const stored of system.archive.read(conversation.ref, at - 1, at)) delivered.push(stored)
    expect(delivered.map((stored) => Buffer.from(stored.body))).toEqual([Buffer.from(body)])
  },
)

test('an event of a type that nobody knows is kept and delivered, and the chain goes on', async () => {
  const conversation = new Conversation(system.log)
  await conversation.append('lunch.served', utf8.encode('{"v":3,"type":"lunch.served","dish":"soup"}'))
  await conversation.answer(1)
  expect(await messagesOf(conversation)).toHaveLength(2)
  const [row] = await system.sql<{ problem: null; type: string }>(
    "select problem, type from events where session = $1 and type = 'lunch.served'",
    [conversation.ref.session],
  )
  expect(row).toEqual({ problem: null, type: 'lunch.served' })
})

test('events are append-only: update, delete and truncate are refused', async () => {
  await new Conversation(system.log).answer(1)
  await caughtUp(system)
  await expect(system.sql("update events set type = 'x'")).rejects.toThrow(/append-only: UPDATE is refused/)
  await expect(system.sql('delete from events')).rejects.toThrow(/append-only: DELETE is refused/)
  await expect(system.sql('truncate events')).rejects.toThrow(/append-only: TRUNCATE is refused/)
})

test('snapshots equal the fold of all of this', async () => {
  await caughtUp(system)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ differences: [] })
})
