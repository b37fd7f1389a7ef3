import {
  draft,
  emptySession,
  encodeEvent,
  type NamedEvent,
  newId,
  type PromptMessage,
  type SessionState,
} from '@spool/events'
import { Blobs, foldStored, type SessionRef, StoredEvent } from '@spool/log'
import { duePieces, foldBatch, insertEvents, loadSession, loadSessionAt, openDatabase, writePieces } from '@spool/store'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { validHistory } from '../../../packages/events/test/valid-history.ts'
import {
  publicArtifact,
  publicMessage,
  publicQuestion,
  publicRun,
  publicSessionState,
} from '../src/answering/public-shape.ts'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
let database: ReturnType<typeof openDatabase>
beforeAll(async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
  database = openDatabase({ url: system.postgres.url, name: 'test', connections: 2 })
})
afterAll(async () => {
  await database?.close()
  await system?.stop()
})

const ask = <Answer>(name: string, data: object): Promise<Answer> => system.queries.ask<Answer>(name, data, 7000)

/** When each event was, by session and position. */
const times = new Map<string, string | null>()

/** As it stood at each of its events, by the fold of them. */
async function statesOf(ref: SessionRef): Promise<SessionState[]> {
  const states: SessionState[] = []
  const last = await system.log.lastPosition(ref)
  for await (const stored of system.log.read(ref, 0, last)) {
    states.push(foldStored(states.at(-1) ?? emptySession(), stored))
    times.set(`${ref.session} ${stored.seq}`, stored.event()?.at ?? null)
  }
  return states
}

async function write(conversation: Conversation, events: readonly NamedEvent[]): Promise<void> {
  for (const [index, event] of events.entries()) {
    const at = new Date(Date.UTC(2026, 10, 20) + index * 1234).toISOString()
    await conversation.append(event.type, encodeEvent({ ...event, at }))
  }
}

const isShown = ({ purpose }: SessionState['messages'][number]) => purpose === null || purpose === 'answer'

/** All that clients are told of a state. */
function told({ session }: SessionRef, state: SessionState) {
  const questions = state.question === null ? state.questions : [...state.questions, state.question]
  const shown = (message: SessionState['messages'][number]) =>
    publicMessage({ session }, message, times.get(`${session} ${message.firstSeq}`) ?? null)
  const plain = {
    session: { ...publicSessionState({ session }, state), erased: false },
    messages: state.messages.filter((message) => isShown(message) && message.status !== 'requested').map(shown),
    message: state.messages.map(shown),
    run: state.runs.map((run) => publicRun({ session }, run)),
    confirmations: questions.map(publicQuestion),
    artifacts: state.artifacts.map(publicArtifact),
  }
  return JSON.parse(JSON.stringify(plain)) as typeof plain
}

async function askAll(ref: SessionRef, state: SessionState, at?: { epoch: number; seq: number }) {
  const of = { ...ref, ...(at && { at }) }
  const one = async (name: string, more = {}) => {
    const answer = await ask<Record<string, unknown>>(name, { ...of, ...more })
    expect(answer['cursor']).toEqual({ epoch: 1, seq: state.seq })
    return answer[name]
  }
  const [session, messages, confirmations, artifacts, message, run] = await Promise.all([
    ...['session', 'messages', 'confirmations', 'artifacts'].map((name) => one(name)),
    Promise.all(state.messages.map(({ id }) => one('message', { message: id }))),
    Promise.all(state.runs.map(({ id }) => one('run', { run: id }))),
  ])
  return { session, messages, message, run, confirmations, artifacts }
}

interface Raw {
  request: { messages: PromptMessage[]; parameters: object; instructions: string | null; lost: string | null }
  response: { content: string; finish_reason: string | null } | null
  attempts: { attempt: number; continues: string | null; messages?: PromptMessage[]; error: object | null }[]
  cursor: { seq: number }
}

const raw = (ref: SessionRef, message: string) => ask<Raw>('raw', { ...ref, message })
const textsOf = (messages: PromptMessage[] = []) =>
  messages.map(({ content }) =>
    typeof content === 'string'
      ? content
      : content.map((part) => (part.type === 'text' ? part.text : part.type)).join(''),
  )

describe('what a model was sent', () => {
  test('is told before it is sent, while the answer comes, and after', async () => {
    const conversation = new Conversation(system.log)
    const { ref } = conversation
    await conversation.answer(2, 'before')
    const [run, input, message] = [newId(), newId(), newId()]
    const parts = [{ type: 'text' as const, text: 'now' }]
    await conversation.say('run.started', { run, kind: 'agent', input })
    await conversation.say('message.added', { run, message: input, role: 'user', parts })
    const parameters = { temperature: 1 }
    const about = { run, message, purpose: 'answer' as const, model: 'demo', parameters, instructions: 'Be kind.' }
    await conversation.say('message.requested', about)
    await caughtUp(system)
    const sent = ['Be kind.', 'before', 'word1 word2 ', 'now']
    const asked = await raw(ref, message)
    expect(textsOf(asked.request.messages)).toEqual(sent)
    expect(asked).toMatchObject({
      response: null,
      attempts: [],
      request: { model: 'demo', provider: null, parameters },
    })
    const started = { run, message, provider: 'd', model: 'm' }
    await conversation.say('message.started', { ...started, role: 'assistant', purpose: 'answer' })
    const attempt = (n: number, kept: number) =>
      conversation.say('generation.started', { ...started, attempt: n, worker: 'w', reason: 'first', kept })
    await attempt(1, 0)
    await conversation.delta(run, message, 1, 'one ')
    await caughtUp(system)
    expect((await raw(ref, message)).response).toMatchObject({ content: 'one ', finish_reason: null })
    const error = { code: 'provider_broken', message: 'It broke.' }
    await conversation.say('generation.failed', { run, message, attempt: 1, error })
    await attempt(2, 4)
    await conversation.delta(run, message, 2, 'two')
    await conversation.finish(run, message, 2)
    await caughtUp(system)
    const ended = await raw(ref, message)
    expect(textsOf(ended.request.messages)).toEqual(sent)
    expect(ended).toMatchObject({
      request: { model: 'm', provider: 'd', parameters: {}, instructions: 'Be kind.', stream: true },
      response: { content: 'one two', finish_reason: 'stop', chunks: 2 },
      attempts: [
        { attempt: 1, continues: null, error },
        // White space at its end is not sent.
        { attempt: 2, kept: 4, continues: 'one', error: null },
      ],
    })
    expect(ended.attempts.some((one) => 'messages' in one)).toBe(false)
    expect(ended.cursor.seq).toBe(conversation.seq)
  })

  test('is told of each attempt, where the conversation went on in between', async () => {
    const conversation = new Conversation(system.log)
    const { ref } = conversation
    const { run, message } = await conversation.begin('Hello')
    await conversation.delta(run, message, 1, 'Half')
    const title = newId()
    const about = { run, message: title, provider: 'd', model: 'm' }
    await conversation.say('message.requested', { ...about, purpose: 'title', instructions: 'A title, please.' })
    const attempt = (n: number) =>
      conversation.say('generation.started', { ...about, attempt: n, worker: 'w', reason: 'first', kept: 0 })
    await attempt(1)
    await conversation.delta(run, message, 2, ' and whole')
    await attempt(2)
    await caughtUp(system)
    const { request, attempts } = await raw(ref, title)
    expect(textsOf(request.messages)).toEqual(['Hello', 'Half and whole', 'A title, please.'])
    expect(attempts.map(({ messages }) => messages && textsOf(messages))).toEqual([
      ['Hello', 'Half', 'A title, please.'],
      undefined,
    ])
  })

  test('is told without what lay in a blob that is gone, and says so', async () => {
    const conversation = new Conversation(system.log)
    const { ref } = conversation
    const blobs = new Blobs(system.bus)
    const instructions = 'Be very kind. '.repeat(9000)
    const bytes = Buffer.from(JSON.stringify({ instructions, tools: [{ name: 'clock', input_schema: {} }] }))
    const blob = await blobs.put(ref, bytes, 'application/json')
    const message = newId()
    await conversation.say('message.requested', { run: newId(), message, purpose: 'answer', model: 'demo', blob })
    await until('it is copied', async () => {
      const [row] = await system.sql<{ copied_at: Date | null }>('select copied_at from blobs where id = $1', [blob])
      return row !== undefined && row.copied_at !== null
    })
    for (const where of ['NATS', 'Postgres']) {
      const { request } = await raw(ref, message)
      expect([where, request]).toEqual([where, expect.objectContaining({ instructions, lost: null })])
      await blobs.leave(ref, blob)
    }
    await system.sql('delete from blobs where id = $1', [blob])
    const { request } = await raw(ref, message)
    expect(request).toMatchObject({ instructions: null, messages: [], lost: expect.stringContaining(blob) })
  })

  test('is nothing where no model was asked, or nobody has said it', async () => {
    const conversation = new Conversation(system.log)
    const { ref } = conversation
    const message = newId()
    await conversation.say('message.added', { message, role: 'assistant', parts: [{ type: 'text', text: 'Hi' }] })
    await caughtUp(system)
    await expect(raw(ref, message)).rejects.toMatchObject({ code: 'not_requested' })
    expect(await raw(ref, newId())).toBeNull()
    expect(await raw({ ...ref, tenant: 'rival' }, message)).toBeNull()
  })
})

describe('a session as it was', () => {
  test('is, at any position of any history, the fold of the events up to it', async () => {
    const histories = fc.sample(validHistory, 4).filter((log) => log.length > 0)
    const conversations = histories.map(() => new Conversation(system.log))
    await Promise.all(
      conversations.map((conversation, index) =>
        write(
          conversation,
          histories[index]!.map(({ event }) => event as NamedEvent),
        ),
      ),
    )
    await caughtUp(system)
    for (const { ref } of conversations) {
      for (const state of await statesOf(ref)) {
        const at = { epoch: 1, seq: state.seq }
        const loaded = await loadSessionAt(database.kysely, ref, at, (messages) => messages)
        expect(loaded).toEqual({ state: JSON.parse(JSON.stringify(state)), epoch: 1 })
      }
    }
  })

  test('is what its snapshots said when it stood there', async () => {
    const [history] = fc.sample(
      validHistory.filter((log) => log.length > 40),
      1,
    )
    const conversation = new Conversation(system.log)
    const { ref } = conversation
    const seen = []
    for (const [index, { event }] of history!.entries()) {
      await write(conversation, [event as NamedEvent])
      if (index % 9 > 0) continue
      await ask('session', { ...ref, atLeast: { seq: conversation.seq } })
      const loaded = await loadSession(database.kysely, ref, { messages: 'all', finished: true })
      seen.push({ state: loaded!.state, told: await askAll(ref, loaded!.state) })
    }
    const states = new Map((await statesOf(ref)).map((state) => [state.seq, state]))
    for (const { state, told: then } of seen) {
      expect(then).toEqual(told(ref, states.get(state.seq)!))
      expect(await askAll(ref, state, { epoch: 1, seq: state.seq })).toEqual(then)
    }
  })

  test('is told at once after it was written, with the text that had come by then', async () => {
    const conversation = new Conversation(system.log)
    const { run, message } = await conversation.begin()
    for (let sequence = 1; sequence <= 8; sequence++) {
      const seq = await conversation.delta(run, message, sequence, `${sequence} `)
      const page = await ask<{ messages: { text: string; status: string; streaming: object }[] }>('messages', {
        ...conversation.ref,
        at: { epoch: 1, seq },
      })
      const text = Array.from({ length: sequence }, (_, index) => `${index + 1} `).join('')
      expect(page.messages.map((one) => [one.status, one.text])).toEqual([
        ['complete', 'Hello'],
        ['streaming', text],
      ])
      expect(page.messages[1]!.streaming).toEqual({
        chunks_count: sequence,
        started_at: expect.any(String),
        completed_at: null,
        first_token_ms: expect.any(Number),
        total_duration_ms: null,
        average_chunk_interval_ms: null,
      })
    }
  })

  test('is told across the epochs that its chain runs through', async () => {
    const ref = { tenant: 'acme', session: newId() }
    const run = newId()
    const said = [
      draft('run.started', { run, kind: 'agent', input: newId() }),
      draft('session.titled', { title: 'Before' }),
      draft('session.titled', { title: 'After' }),
      draft('run.completed', {
        run,
        status: 'done',
        usage: { input_tokens: 0, output_tokens: 0 },
        steps: 0,
        duration_ms: 1,
      }),
    ]
    const places = [7, 9, 1_000_009, 1_000_010].map((seq) => ({ seq, epoch: seq < 1_000_000 ? 1 : 2 }))
    const batch = said.map((event, index) => {
      const about = { id: newId(), type: event.type, prev: places[index - 1]?.seq ?? 0, ...places[index]! }
      return { ref, stored: new StoredEvent(about, encodeEvent(event)), storedAtMs: Date.now() }
    })
    const { rows, changes } = foldBatch(9, batch, new Map())
    await database.kysely.transaction().execute(async (trx) => {
      await insertEvents(trx, rows)
      await writePieces(
        trx,
        9,
        changes.map((change) => ({ change, due: duePieces(change) })),
      )
    })
    const titles = await Promise.all(
      places.map(async (at) => {
        const { session, cursor } = await ask<{ session: { title: string | null }; cursor: object }>('session', {
          ...ref,
          at,
        })
        expect(cursor).toEqual({ epoch: at.epoch, seq: at.seq })
        return session.title
      }),
    )
    expect(titles).toEqual([null, 'Before', 'After', 'After'])
    // What is asked for in a later epoch than its own is there only where the log has been in that one.
    await expect(ask('session', { ...ref, at: { epoch: 2, seq: 9 } })).rejects.toMatchObject({
      code: 'cursor_not_found',
    })
    await expect(ask('session', { ...ref, at: { epoch: 1, seq: 1_000_009 } })).rejects.toMatchObject({
      code: 'cursor_not_found',
    })
  })

  test('has its messages in pages that are the same whenever they are asked for', async () => {
    const conversation = new Conversation(system.log)
    for (let turn = 0; turn < 4; turn++) await conversation.answer(3, `question ${turn}`)
    const at = { epoch: 1, seq: conversation.seq }
    const texts: string[] = []
    for (let after: string | null = '0'; after !== null;) {
      type Page = { messages: { text: string }[]; next: string | null }
      const page: Page = await ask('messages', { ...conversation.ref, at, limit: 3, after })
      texts.push(...page.messages.map(({ text }) => text))
      after = page.next
      await conversation.answer(2, 'later')
    }
    const answer = 'word1 word2 word3 '
    expect(texts).toEqual([0, 1, 2, 3].flatMap((turn) => [`question ${turn}`, answer]))
  })

  test('is not told of what is no event of it', async () => {
    const conversation = new Conversation(system.log)
    await conversation.answer(2)
    const other = new Conversation(system.log)
    await other.answer(1)
    const { ref, seq } = conversation
    for (const at of [
      { epoch: 1, seq: other.seq },
      { epoch: 0, seq },
      { epoch: 2, seq },
      { epoch: 1, seq: seq + 1_000_000 },
      { epoch: 0, seq: 0 },
    ]) {
      for (const name of ['session', 'messages', 'confirmations', 'artifacts']) {
        await expect(ask(name, { ...ref, at })).rejects.toMatchObject({ code: 'cursor_not_found' })
      }
    }
    expect(await ask('session', { tenant: 'acme', session: newId(), at: { epoch: 1, seq } })).toBeNull()
    await other.say('session.erased', { by: 'user' })
    await expect(ask('session', { ...other.ref, at: { epoch: 1, seq: other.seq } })).rejects.toMatchObject({
      code: 'erased',
    })
    const first = { epoch: 1, seq: (await statesOf(ref))[0]!.seq }
    expect(await ask('message', { ...ref, at: first, message: newId() })).toBeNull()
    expect(await ask('run', { ...ref, at: first, run: newId() })).toBeNull()
  })

  test('is found by the name of a later epoch once the log is in that, and is told by its own', async () => {
    const conversation = new Conversation(system.log)
    await conversation.answer(1)
    const { ref, seq } = conversation
    const of = { ...ref, at: { epoch: 2, seq } }
    await expect(ask('session', of)).rejects.toMatchObject({ code: 'cursor_not_found' })
    const { jsm } = system.bus
    const { config } = await jsm.streams.info('LOG')
    const metadata = { ...config.metadata, spool_epoch: '2', spool_epoch_first: '1000000' }
    await jsm.streams.update('LOG', { ...config, metadata })
    expect(await ask('session', of)).toMatchObject({ cursor: { epoch: 1, seq } })
  })
})
