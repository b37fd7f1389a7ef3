import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ChatStream } from '../conformance/support/chat-stream.ts'
import { chainProblems, type Frame } from './support/follower.ts'
import { followRun, get, post, start, stream, until } from './support/system.ts'

let spool: SpoolUnderTest

beforeAll(async () => {
  spool = await startSpool()
})
afterAll(() => spool.stop())

interface Waiting {
  phase: string
  question: { id: string } | null
}

interface Asked {
  session: string
  run: string
  frames: Frame[]
  question: { confirmation: string; round: number; hash: string }
}

/** Starts an agent that plans, and lets go of its stream when it asks. */
async function asked(session: string, body: Record<string, unknown> = {}): Promise<Asked> {
  const leaving = new AbortController()
  const message = 'wait a moment, then send a postcard to Ada'
  const followed = await stream(
    spool,
    session,
    { agent: 'demo-plan', message, ...body },
    {
      signal: leaving.signal,
      onFrame: ({ event }) => event === 'confirmation.requested' && leaving.abort(),
    },
  )
  const { frames } = followed
  const question = frames.at(-1)!.data as unknown as Asked['question']
  return { session, run: frames[0]!.data.run!, frames, question }
}

function answer({ session, question }: Asked, body: Record<string, unknown>, headers?: Record<string, string>) {
  return post(spool, `/v1/sessions/${session}/confirmations/${question.confirmation}`, body, headers)
}

/** What a person sees who was there from the start and came back whenever it was possible. */
async function toTheEnd(one: Asked): Promise<Frame[]> {
  const rest = await followRun(spool, one.session, one.run, { after: one.frames.at(-1)!.id })
  const frames = [...one.frames, ...rest]
  expect(chainProblems(frames, 0)).toEqual([])
  return frames
}

function types(frames: readonly Frame[]): string[] {
  return frames.map(({ event }) => event).filter((type) => !type.endsWith('.delta'))
}

function last(frames: readonly Frame[], type: string) {
  return frames.findLast(({ event }) => event === type)?.data
}

test('a question waits while every service is killed, and each of its outcomes is in the log', async () => {
  const paused = pausedChat()
  const [confirmed, modified, cancelled, tooLate] = await Promise.all([
    asked('confirmed'),
    asked('modified'),
    asked('cancelled'),
    asked('too-late', { confirmation: { timeout_seconds: 8 } }),
  ])
  const chat = await paused
  for (const service of ['llm-proxy', 'agent-orchestrator', 'persistence', 'gateway']) spool.kill(service)
  expect(await chat.over, 'the stream broke off').toBe(false)
  await spool.waitReady()

  await until('the snapshot shows who is waited for', async () => {
    const { session } = await get<{ session: Waiting }>(spool, '/v1/sessions/confirmed')
    return session.phase === 'awaiting_confirmation' && session.question?.id === confirmed.question.confirmation
  })

  await confirmOverChat(chat)
  expect(await answer(confirmed, { action: 'confirm', user: 'ada' })).toMatchObject({ status: 200 })
  const done = await toTheEnd(confirmed)
  expect(last(done, 'confirmation.resolved')).toMatchObject({ action: 'confirm', by: 'ada', via: 'http' })
  const tasks = confirmed.frames.at(-1)!.data['tasks'] as { tool?: string; input?: unknown }[]
  const called = done.filter(({ event }) => event === 'tool.called').map(({ data }) => [data['name'], data['input']])
  expect(called).toEqual(tasks.filter(({ tool }) => tool).map(({ tool, input }) => [tool, input]))
  expect(types(done)).toContain('tool.completed')
  expect(last(done, 'run.completed')).toMatchObject({ status: 'done' })

  expect(await answer(modified, { action: 'modify', message: 'shorter, please' })).toMatchObject({ status: 200 })
  const again = await untilAsked(modified, 2)
  expect(await answer(again, { action: 'confirm' })).toMatchObject({ status: 200 })
  const changed = await toTheEnd(again)
  expect(changed.filter(({ event }) => event === 'confirmation.resolved').map(({ data }) => data['action'])).toEqual([
    'modify',
    'confirm',
  ])
  expect(last(changed, 'run.completed')).toMatchObject({ status: 'done' })

  expect(await answer(cancelled, { action: 'cancel' })).toMatchObject({ status: 200 })
  const ended = await toTheEnd(cancelled)
  expect(last(ended, 'confirmation.resolved')).toMatchObject({ action: 'cancel' })
  expect(last(ended, 'run.cancelled')).toMatchObject({ reason: 'confirmation_cancelled' })
  expect(types(ended)).not.toContain('tool.called')

  const timedOut = await toTheEnd(tooLate)
  expect(last(timedOut, 'confirmation.resolved')).toMatchObject({ action: 'timeout', by: 'spool' })
  expect(last(timedOut, 'run.cancelled')).toMatchObject({ reason: 'confirmation_timeout' })
  const lateMs = Date.parse(String(last(timedOut, 'confirmation.resolved')!['at'])) - deadlineOf(tooLate)
  console.log(`a deadline that fell into a restart was noticed ${lateMs} ms late`)
  expect(lateMs).toBeGreaterThanOrEqual(0)
  const { status, body } = await answer(tooLate, { action: 'confirm' })
  expect({ status, body }).toMatchObject({ status: 409, body: { code: 'confirmation_timed_out', action: 'timeout' } })
})

describe('answers that come at once', () => {
  test('are one answer: it is the one that is done, and all others hear of it', async () => {
    const one = await asked('at-once')
    const actions = ['confirm', 'cancel', 'confirm', 'modify', 'cancel', 'confirm']
    const answers = await Promise.all(
      actions.map((action, index) => answer(one, { action, message: 'shorter', user: `user-${index}` })),
    )
    const taken = answers.findIndex(({ status }) => status === 200)
    const winner = { action: actions[taken], by: `user-${taken}` }
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    for (const { status, body } of answers.toSpliced(taken, 1)) {
      expect({ status, body }).toMatchObject({ status: 409, body: winner })
    }
    const { events } = await get<{ events: Record<string, unknown>[] }>(spool, '/v1/sessions/at-once/events?limit=1000')
    expect(events.filter(({ type }) => type === 'confirmation.resolved')).toMatchObject([winner])
  })

  test('under the same key are told the same', async () => {
    const one = await asked('same-key')
    const key = { 'idempotency-key': 'my-answer' }
    const answers = [
      ...(await Promise.all([1, 2, 3].map(() => answer(one, { action: 'cancel' }, key)))),
      await answer(one, { action: 'cancel' }, key),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(new Set(answers.map(({ body }) => body['cursor'])).size).toBe(1)
  })
})

test('a message to a session that waits for a person waits behind it', async () => {
  const one = await asked('queued-behind')
  const next = await start(spool, 'queued-behind', { message: 'and then?', agent: 'demo', model: 'demo/echo' })
  expect(next.status).toBe(202)
  const { session } = await get<{ session: Record<string, unknown> }>(spool, '/v1/sessions/queued-behind')
  expect(session).toMatchObject({ phase: 'awaiting_confirmation', queued_runs: [next.run] })
  await answer(one, { action: 'cancel' })
  const frames = await followRun(spool, 'queued-behind', next.run)
  expect(last(frames, 'run.completed')).toMatchObject({ status: 'done' })
})

test('plan, modify, confirm, tools, document and memory are played without a key', async () => {
  const message = 'Write a design document about tea'
  const document = await stream(spool, 'document', { agent: 'demo-document', message })
  expect(types(document.frames)).toContain('artifact.created')
  const { artifacts } = await get<{ artifacts: { kind: string }[] }>(spool, '/v1/sessions/document/artifacts')
  expect(artifacts).toMatchObject([{ kind: 'design_document' }])

  const tools = await stream(spool, 'tools', { agent: 'demo-tools', message: 'What can you do?' })
  expect(types(tools.frames)).toEqual(expect.arrayContaining(['tool.called', 'tool.progress', 'tool.completed']))
  expect(last(tools.frames, 'run.completed')).toMatchObject({ status: 'done' })

  const user = { metadata: { user: 'ada' } }
  const told = await stream(spool, 'told', { agent: 'demo-memory', message: 'My name is Ada. I like tea.', ...user })
  expect(told.frames.at(-1)).toMatchObject({ event: 'memory.updated', data: { count: 2 } })
  const asks = await stream(spool, 'asks', { agent: 'demo-memory', message: 'What do you know of me?', ...user })
  expect(last(asks.frames, 'message.requested')).toBeDefined()
  const memories = asks.frames.find(({ event }) => event === 'message.requested')!.data['memories'] as object[]
  expect(memories).toHaveLength(2)
})

const CHAT = { agent: 'demo-plan', message: 'wait 0.1 s, then send a postcard to Ada' }

/** The same over the dialect that pauses its stream. */
async function pausedChat(): Promise<ChatStream> {
  const chat = await ChatStream.open(spool, '/api/v1/chat/stream', { body: CHAT })
  return chat.until(({ jsons }) => jsons.at(-1)?.['stream_paused'] === true)
}

/** Its client comes back with what it sent first, and answers by a second request. */
async function confirmOverChat({ session, frames }: ChatStream): Promise<void> {
  const ask = (message: string, headers: Record<string, string> = {}) =>
    ChatStream.open(spool, '/api/v1/chat/stream', { body: { ...CHAT, message, session_id: session }, headers })
  const back = await ask(CHAT.message, { 'last-event-id': frames.at(-1)!.id! })
  const received = await (await ask('CONFIRM_ACTION:confirm')).ended()
  expect(received.jsons).toMatchObject([{ chunk_type: 'confirmation_received', finished: true }])
  await back.ended()
  const shown = back.jsons.map(({ chunk_type }) => chunk_type)
  expect(shown.filter((type) => type === 'tool_output')).toHaveLength(2)
  expect(shown).not.toContain('confirmation_request')
  expect(back.jsons.at(-1)).toMatchObject({ chunk_type: 'completion', finished: true })
}

function deadlineOf({ frames }: Asked): number {
  return Date.parse(String(frames.at(-1)!.data['deadline']))
}

async function untilAsked(one: Asked, round: number): Promise<Asked> {
  const leaving = new AbortController()
  const rest = await followRun(spool, one.session, one.run, {
    after: one.frames.at(-1)!.id,
    signal: leaving.signal,
    onFrame: ({ event }) => event === 'confirmation.requested' && leaving.abort(),
  })
  const frames = [...one.frames, ...rest]
  expect(chainProblems(frames, 0)).toEqual([])
  const question = frames.at(-1)!.data as unknown as Asked['question']
  expect(question.round).toBe(round)
  return { ...one, frames, question }
}
