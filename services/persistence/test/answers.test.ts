import { emptySession, newId, type SessionState } from '@spool/events'
import { foldStored, QueryRefused } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
})
afterAll(() => system.stop())

const ask = <Answer>(name: string, data: object): Promise<Answer> => system.queries.ask<Answer>(name, data, 7000)

interface Page {
  messages: { id: string; text: string; first_seq: number }[]
  next: string | null
  cursor: { epoch: number; seq: number }
}

test('a snapshot and the events after its cursor are the whole, at any moment of an answer', async () => {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.begin()
  let sequence = 0
  const ending = new AbortController()
  const writing = (async () => {
    while (!ending.signal.aborted) await conversation.delta(run, message, ++sequence, `w${sequence} `)
  })()
  const seen: SessionState[] = []
  for (let look = 0; look < 25; look++) seen.push((await system.archive.state(conversation.ref)) ?? emptySession())
  ending.abort()
  await writing
  await conversation.finish(run, message, sequence)
  const end = conversation.seq
  let whole = emptySession()
  for await (const stored of system.log.read(conversation.ref, 0, end)) whole = foldStored(whole, stored)
  for (const snapshot of seen) {
    let state = snapshot
    for await (const stored of system.log.read(conversation.ref, snapshot.seq, end)) state = foldStored(state, stored)
    expect(state).toEqual(whole)
  }
})

test('a query that names a position is answered once it is stored', async () => {
  for (let round = 0; round < 10; round++) {
    const conversation = new Conversation(system.log)
    await conversation.answer(3)
    const page = await ask<Page>('messages', { ...conversation.ref, atLeast: { seq: conversation.seq } })
    expect(page.cursor.seq).toBe(conversation.seq)
    expect(page.messages[1]!.text).toBe('word1 word2 word3 ')
  }
})

test('a page of long messages is short, and those after it have the rest', async () => {
  const conversation = new Conversation(system.log)
  const text = 'long '.repeat(25_000)
  for (let n = 0; n < 60; n++) {
    await conversation.say('message.added', { message: newId(), role: 'user', parts: [{ type: 'text', text }] })
  }
  await caughtUp(system)
  const end = { epoch: 1, seq: conversation.seq }
  for (const moment of [{ atLeast: { seq: end.seq } }, { at: end }]) {
    const lengths: number[] = []
    for (let after: string | null = '0'; after !== null;) {
      const page: Page = await ask('messages', { ...conversation.ref, ...moment, limit: 1000, after })
      lengths.push(page.messages.length)
      after = page.next
    }
    // A server of NATS cuts off whoever 64 MB wait for.
    expect(Math.max(...lengths) * 2 * text.length).toBeLessThan(10 * 1024 ** 2)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(60)
  }
})

test('a query that names a position that is not stored in time is refused as behind', async () => {
  const conversation = new Conversation(system.log)
  await conversation.answer(1)
  const refused = ask('session', { ...conversation.ref, atLeast: { seq: conversation.seq + 1_000_000 } })
  await expect(refused).rejects.toMatchObject({ code: 'behind' })
  await expect(refused).rejects.toBeInstanceOf(QueryRefused)
})

test('what was never seen is null, and a question that makes no sense is refused', async () => {
  const nobody = { tenant: 'acme', session: newId() }
  for (const name of ['session', 'messages', 'state', 'confirmations', 'artifacts']) {
    expect(await ask(name, nobody)).toBeNull()
  }
  expect(await ask('message', { ...nobody, message: newId() })).toBeNull()
  expect(await ask('run', { ...nobody, run: newId() })).toBeNull()
  expect(await ask('tail', nobody)).toEqual({ seq: 0, erased: false })
  await expect(ask('session', { tenant: 'a.b', session: '>' })).rejects.toMatchObject({ code: 'bad_query' })
  await expect(ask('sessions', { tenant: 'acme', before: 'x' })).rejects.toMatchObject({ code: 'bad_query' })
})

test('a run is given with its window on the chain', async () => {
  const conversation = new Conversation(system.log)
  const { run } = await conversation.answer(4)
  const answer = await ask('run', { ...conversation.ref, run, atLeast: { seq: conversation.seq } })
  const [first] = await system.sql<{ seq: number }>('select min(seq) as seq from events where session = $1', [
    conversation.ref.session,
  ])
  expect(answer).toMatchObject({
    run: { id: run, status: 'done', first_seq: first!.seq, last_seq: conversation.seq },
    cursor: { epoch: 1, seq: conversation.seq },
  })
})

test('the runs of a tenant that have not ended are counted', async () => {
  const tenant = newId()
  const [one, other] = [new Conversation(system.log, newId(), tenant), new Conversation(system.log, newId(), tenant)]
  const { run, message } = await one.begin()
  await other.begin()
  await new Conversation(system.log).begin()
  const open = async () => {
    for (const { ref, seq } of [one, other]) await ask('session', { ...ref, atLeast: { seq } })
    return ask('open_runs', { tenant })
  }
  expect(await open()).toEqual({ open: 2 })
  await one.finish(run, message, 0)
  expect(await open()).toEqual({ open: 1 })
})

test('one message is given as it stands, also while it streams', async () => {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.begin()
  for (let n = 1; n <= 30; n++) await conversation.delta(run, message, n, 'x')
  const which = { ...conversation.ref, message }
  expect(await ask('message', { ...which, atLeast: { seq: conversation.seq } })).toMatchObject({
    message: { id: message, status: 'streaming', text: 'x'.repeat(30), last_seq: conversation.seq },
    cursor: { seq: conversation.seq },
  })
})

test('messages come in pages, in the order of the conversation', async () => {
  const conversation = new Conversation(system.log)
  for (let turn = 0; turn < 6; turn++) await conversation.answer(2, `question ${turn}`)
  const ref = { ...conversation.ref, atLeast: { seq: conversation.seq } }
  const whole = await ask<Page>('messages', ref)
  expect(whole.messages).toHaveLength(12)
  expect(whole.next).toBeNull()
  const paged = []
  for (let after: string | null = '0'; after !== null;) {
    const page: Page = await ask<Page>('messages', { ...ref, limit: 5, after })
    paged.push(...page.messages)
    after = page.next
  }
  expect(paged).toEqual(whole.messages)
})

test("a tenant's sessions come newest first, in pages, and never another tenant's", async () => {
  const tenant = `t-${newId()}`
  const made: string[] = []
  for (let n = 0; n < 7; n++) {
    const conversation = new Conversation(system.log, newId(), tenant)
    await conversation.answer(1)
    made.unshift(conversation.ref.session)
  }
  await caughtUp(system)
  const found: string[] = []
  for (let before: string | null | undefined; before !== null;) {
    const page: { sessions: { id: string }[]; next: string | null } = await ask('sessions', {
      tenant,
      limit: 3,
      before,
    })
    found.push(...page.sessions.map((session) => session.id))
    before = page.next
  }
  expect(found).toHaveLength(7)
  expect(new Set(found)).toEqual(new Set(made))
})

test('a question that waits is in the snapshot, and with its answer in the list of confirmations', async () => {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.begin()
  await conversation.say('message.completed', { run, message, status: 'complete', reason: 'stop' })
  const confirmation = newId()
  const deadline = new Date(Date.now() + 300_000).toISOString()
  await conversation.say('confirmation.requested', {
    run,
    confirmation,
    kind: 'plan',
    round: 1,
    prompt: 'Shall I?',
    tasks: [],
    hash: 'h',
    options: ['confirm', 'cancel'],
    timeout_seconds: 300,
    deadline,
  })
  const at = () => ({ ...conversation.ref, atLeast: { seq: conversation.seq } })
  expect(await ask('session', at())).toMatchObject({
    session: { phase: 'awaiting_confirmation', active_run: run, question: { id: confirmation, deadline } },
  })
  await conversation.say('confirmation.resolved', { run, confirmation, action: 'confirm', by: 'user', via: 'rest' })
  expect(await ask('session', at())).toMatchObject({ session: { phase: 'processing', question: null } })
  expect(await ask('confirmations', at())).toMatchObject({
    confirmations: [{ id: confirmation, resolution: { action: 'confirm', by: 'user' } }],
  })
})

test('while Postgres is away the asker hears that nobody can answer, and gets its answer when it is back', async () => {
  const conversation = new Conversation(system.log)
  await conversation.answer(2)
  await caughtUp(system)
  await system.postgres.kill()
  await expect(system.archive.tail(conversation.ref)).rejects.toMatchObject({ code: 'archive_unavailable' })
  await system.postgres.restart()
  await until('it answers', async () => (await system.archive.tail(conversation.ref)).seq === conversation.seq)
  expect(await system.archive.has(conversation.ref, 1, conversation.seq)).toBe(true)
  expect(await system.archive.has(conversation.ref, 0, conversation.seq)).toBe(false)
  // Positions grow from epoch to epoch: in a later one it is still the same event.
  expect(await system.archive.has(conversation.ref, 2, conversation.seq)).toBe(true)
  expect((await system.archive.heights())[0]).toBeGreaterThanOrEqual(conversation.seq)
})
