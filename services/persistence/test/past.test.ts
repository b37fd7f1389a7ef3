import { emptySession, encodeEvent, type NamedEvent, newId, type SessionState } from '@spool/events'
import { foldStored, type SessionRef } from '@spool/log'
import { loadSession, loadSessionAt, openDatabase } from '@spool/store'
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

/** As it stood at each of its events, by the fold of them. */
async function statesOf(ref: SessionRef): Promise<SessionState[]> {
  const states: SessionState[] = []
  const last = await system.log.lastPosition(ref)
  for await (const stored of system.log.read(ref, 0, last)) {
    states.push(foldStored(states.at(-1) ?? emptySession(), stored))
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
  const plain = {
    session: { ...publicSessionState({ session }, state), erased: false },
    messages: state.messages
      .filter((message) => isShown(message) && message.status !== 'requested')
      .map((message) => publicMessage({ session }, message)),
    message: state.messages.map((message) => publicMessage({ session }, message)),
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
  return {
    session: await one('session'),
    messages: await one('messages'),
    message: await Promise.all(state.messages.map(({ id }) => one('message', { message: id }))),
    run: await Promise.all(state.runs.map(({ id }) => one('run', { run: id }))),
    confirmations: await one('confirmations'),
    artifacts: await one('artifacts'),
  }
}

describe('a session as it was', () => {
  test('is, at any position of any history, the fold of the events up to it', async () => {
    const histories = fc.sample(validHistory, 8).filter((log) => log.length > 0)
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
    for (const { event } of history!) {
      await write(conversation, [event as NamedEvent])
      await ask('session', { ...ref, atLeast: { seq: conversation.seq } })
      const loaded = await loadSession(database.kysely, ref, { messages: 'all', finished: true })
      seen.push({ state: loaded!.state, told: await askAll(ref, loaded!.state) })
    }
    const states = await statesOf(ref)
    expect(states.map(({ seq }) => seq)).toEqual(seen.map(({ state }) => state.seq))
    for (const [index, { state, told: then }] of seen.entries()) {
      expect(then).toEqual(told(ref, states[index]!))
      expect(await askAll(ref, states[index]!, { epoch: 1, seq: state.seq })).toEqual(then)
    }
  })

  test('is told at once after it was written, with the text that had come by then', async () => {
    const conversation = new Conversation(system.log)
    const { run, message } = await conversation.begin()
    for (let sequence = 1; sequence <= 30; sequence++) {
      const seq = await conversation.delta(run, message, sequence, `${sequence} `)
      const page = await ask<{ messages: { text: string; status: string }[] }>('messages', {
        ...conversation.ref,
        at: { epoch: 1, seq },
      })
      const text = Array.from({ length: sequence }, (_, index) => `${index + 1} `).join('')
      expect(page.messages.map((one) => [one.status, one.text])).toEqual([
        ['complete', 'Hello'],
        ['streaming', text],
      ])
    }
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
})
