import { describe, expect, test } from 'vitest'
import { Told } from '../test/told.ts'
import { agent } from './agent.ts'
import { DialectRefusal } from './dialect-refusal.ts'

const told = () => new Told(agent, null)
const chunk = (chunk_type: string, fields: object = {}) => ({
  chunk_type,
  content: null,
  tool_call: null,
  memories_count: null,
  ...fields,
})
const error = (text: string) => [chunk('error', { content: expect.stringContaining(text) })]

const ofSearch = (status: string, result: unknown) => [
  chunk('tool_call', {
    tool_call: { tool_name: 'search', status, arguments: { q: 'tea' }, result, call_id: 'c' },
  }),
]

describe('a stream', () => {
  test('is start, the answer token by token, done, each with all four fields', () => {
    const stream = told()
    expect(stream.first).toEqual([{ data: chunk('start') }])
    stream.begin()
    expect(stream.text('Hello')).toEqual([chunk('content', { content: 'Hello' })])
    expect(stream.complete()).toEqual([])
    expect(stream.state.done, 'memories may follow').toBeUndefined()
    expect(stream.close()).toEqual([chunk('done')])
  })

  test('tells of a tool when it is called, how far it has come, and what came of it', () => {
    const stream = told().begin()
    expect(stream.tell('tool.called', { call: 'c', name: 'search', input: { q: 'tea' }, repeatable: true })).toEqual(
      ofSearch('started', null),
    )
    expect(stream.tell('tool.started', { call: 'c', attempt: 1, worker: 'w' })).toEqual([])
    expect(stream.tell('tool.progress', { call: 'c', progress: 0.5, text: 'half' })).toEqual(
      ofSearch('progress', { progress: 0.5, text: 'half' }),
    )
    expect(stream.tell('tool.progress', { call: 'c' })).toEqual(ofSearch('progress', { progress: null, text: null }))
    expect(stream.tell('tool.completed', { call: 'c', output: { hits: 3 }, duration_ms: 1 })).toEqual(
      ofSearch('completed', { hits: 3 }),
    )
  })

  test('tells of a tool that failed, and of an output that lies in a blob', () => {
    const stream = told().begin()
    const call = (id: string) => stream.tell('tool.called', { call: id, name: 'search', input: null, repeatable: true })
    call('a')
    const failure = { code: 'tool_failed', message: 'The library is closed.' }
    expect(stream.tell('tool.failed', { call: 'a', error: failure, outcome: 'failed' })).toMatchObject([
      { tool_call: { status: 'failed', arguments: null, result: 'The library is closed.', call_id: 'a' } },
    ])
    call('b')
    expect(stream.tell('tool.completed', { call: 'b', output: 'It rained', blob: 'x', duration_ms: 1 })).toMatchObject([
      { tool_call: { status: 'completed', result: { beginning: 'It rained', url: '/v1/sessions/s/blobs/x' } } },
    ])
  })

  test('tells how many memories there are so far, then each new one with how many they are, then done', () => {
    const stream = told().begin()
    stream.complete()
    stream.answer('e', 'memory')
    expect(stream.text('[{"fact": "likes tea"}]', 'e')).toEqual([])
    expect(stream.tell('memory.progress', { found: 2 })).toEqual([chunk('memory_update', { memories_count: 2 })])
    const memories = [
      { id: '1', text: 'Likes tea.' },
      { id: '2', text: 'Lives in Bern.' },
    ]
    expect(stream.tell('memory.updated', { count: 2, memories })).toEqual([
      chunk('memory_update', { content: 'Likes tea.', memories_count: 2 }),
      chunk('memory_update', { content: 'Lives in Bern.', memories_count: 2 }),
    ])
    expect(stream.close()).toEqual([chunk('done')])
  })

  test('is done where nothing is remembered, or remembering failed', () => {
    const stream = told().begin()
    stream.complete()
    expect(stream.tell('memory.updated', { count: 0, memories: [] })).toEqual([])
    expect(stream.tell('memory.failed', { error: { code: 'x', message: 'no' } })).toEqual([])
    expect(stream.close()).toEqual([chunk('done')])
  })

  test('says nothing of a question: it goes on when somebody has answered it elsewhere', () => {
    const stream = told().begin()
    const question = {
      confirmation: 'q',
      kind: 'plan' as const,
      round: 1,
      prompt: 'Shall I?',
      tasks: [],
      hash: 'h',
      options: ['confirm' as const],
      timeout_seconds: 300,
      deadline: '2026-11-20T10:05:00.000Z',
    }
    expect(stream.tell('confirmation.requested', question)).toEqual([])
    expect(stream.state.over).toBeUndefined()
  })

  test('ends with an error where the run did not succeed, the answer began anew, or the stream cannot go on', () => {
    const failed = { error: { code: 'x', message: 'The model is away.', retryable: false } }
    expect(told().begin().tell('run.failed', failed)).toEqual(error('The model is away.'))
    expect(told().begin().tell('run.cancelled', { by: 'user', reason: 'user' })).toEqual(error('was cancelled'))
    const stream = told().begin()
    stream.text('Hel')
    expect(stream.attempt('m', 2, 0)).toEqual(error('begin anew'))
    expect(stream.state.over).toBe(true)
    expect(stream.close('reset')).toEqual(error('load the conversation again'))
    expect(stream.close('time_limit')).toEqual(error('?session_id=s&after=1-7'))
  })

  test('shows that it lives by a comment, lasts for half an hour, and always needs a key', () => {
    expect(agent.beat!(told().state as never, new Date())).toBe(': keep-alive\n\n')
    expect(agent.maxStreamMs).toBe(1_800_000)
    expect(agent.alwaysNeedsKey).toBe(true)
  })
})

describe('a request', () => {
  const path = { agent_id: 'support' }
  const wish = (body: object, to: Record<string, string> = path) =>
    agent.wish(agent.body.parse({ message: 'Hello', ...body }), to)

  test('is for the agent in its path, whatever the body says; null is nothing', () => {
    const nothing = { stream: null, session_id: null, user_id: null, metadata: null, agent: null, language: null }
    expect(wish(nothing)).toEqual({
      kind: 'run',
      answer: 'stream',
      options: null,
      session: undefined,
      language: undefined,
      run: { message: 'Hello', agent: 'support' },
    })
    expect(wish({ agent: 'other', extra: 1 })).toMatchObject({ run: { agent: 'support' } })
  })

  test('says for whom it is', () => {
    expect(wish({ user_id: 'ada', metadata: { a: 1 } })).toMatchObject({ run: { metadata: { a: 1, user: 'ada' } } })
    expect(wish({ user_id: 7 })).toMatchObject({ run: { metadata: { user: 7 } } })
    expect(wish({ metadata: { user: 'bob' } })).toMatchObject({ run: { metadata: { user: 'bob' } } })
  })

  test('wants a stream unless it says no', () => {
    expect(wish({ stream: true })).toMatchObject({ answer: 'stream' })
    expect(wish({ stream: false })).toMatchObject({ answer: 'whole' })
  })

  test('to nobody is refused as one to an agent that is not there', () => {
    expect(() => wish({}, { agent_id: 'x'.repeat(257) })).toThrow(DialectRefusal)
    expect(agent.statuses).toEqual({ unknown_agent: 404 })
    expect(agent.agent!(path)).toBe('support')
  })

  test.each([{ message: '' }, { message: null }, { stream: 'yes' }, { metadata: [] }, { user_id: 1.5 }])(
    'that makes no sense is refused: %j',
    (body) => {
      expect(agent.body.safeParse({ message: 'Hello', ...body }).success).toBe(false)
    },
  )
})

test('an answer in one message speaks as a frame does', () => {
  const about = { session: 's', run: 'r', language: undefined } as const
  const message = { id: 'm', text: 'Hello' }
  expect(agent.tell!({ ...about, status: 'done', message })).toEqual({
    status: 200,
    body: { ...chunk('content', { content: 'Hello' }), session_id: 's', message_id: 'm' },
  })
  const failure = { code: 'provider_broken', message: 'It broke off.' }
  expect(agent.tell!({ ...about, status: 'failed', message: null, error: failure })).toEqual({
    status: 502,
    body: {
      ...chunk('error', { content: 'It broke off.' }),
      session_id: 's',
      message_id: null,
      detail: 'It broke off.',
      code: 'provider_broken',
    },
  })
  expect(agent.tell!({ ...about, status: 'cancelled', message, reason: 'user' })).toMatchObject({ status: 409 })
})
