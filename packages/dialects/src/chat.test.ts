import { describe, expect, test } from 'vitest'
import { Told } from '../test/told.ts'
import { chat } from './chat.ts'
import type { ShownMessage } from './dialect.ts'

const told = (language?: 'zh' | 'fr') => new Told(chat, null, language === undefined ? {} : { language })
const errorSaying = (text: string) => [{ error: expect.stringContaining(text) }]

describe('a stream', () => {
  test('is the text of the answer, piece by piece, and `[DONE]` as soon as the run is over', () => {
    const stream = told().begin()
    expect(stream.first).toEqual([])
    expect([...stream.text('Hello, '), ...stream.text('world!')]).toEqual([
      { content: 'Hello, ' },
      { content: 'world!' },
    ])
    expect(stream.state.done).toBe(false)
    expect(stream.complete()).toEqual([])
    expect(stream.state.done).toBe(true)
    expect(stream.close()).toEqual(['[DONE]'])
  })

  test('is what people are shown, and nothing else: no plans, no memories, no tools, no questions', () => {
    const stream = told().begin()
    stream.answer('p', 'plan')
    expect(stream.text('A plan', 'p')).toEqual([])
    stream.answer('e', 'memory')
    expect(stream.text('A memory', 'e')).toEqual([])
    expect(stream.tell('tool.called', { call: 'c', name: 'clock', input: {}, repeatable: true })).toEqual([])
    expect(stream.tell('run.status', { phase: 'acting', text: 'Starting…' })).toEqual([])
    stream.answer('again')
    expect(stream.text('It is noon.', 'again')).toEqual([{ content: 'It is noon.' }])
  })

  test('that reaches a limit of the run has all there is of the answer', () => {
    const stream = told().begin()
    const usage = { input_tokens: 0, output_tokens: 0 }
    stream.tell('run.completed', { status: 'limit', limit: 'steps', usage, steps: 1, duration_ms: 1 })
    expect(stream.close()).toEqual(['[DONE]'])
  })

  test.each([
    [
      'of a run that failed',
      'run.failed',
      { error: { code: 'x', message: 'The model is away.', retryable: true } },
      'The model is away.',
    ],
    ['of a run that was cancelled', 'run.cancelled', { by: 'user', reason: 'user' }, 'was cancelled'],
    ['of a question that nobody answered', 'run.cancelled', { by: 'spool', reason: 'confirmation_timeout' }, 'in time'],
    ['of a question that was refused', 'run.cancelled', { by: 'user', reason: 'confirmation_cancelled' }, 'refused'],
    ['of a run that took too long', 'run.cancelled', { by: 'spool', reason: 'time_limit' }, 'longer'],
    ['of a session that was erased', 'session.erased', { by: 'user' }, 'erased'],
  ] as const)('%s ends with its error and says nothing more', (_, type, fields, text) => {
    const stream = told().begin()
    stream.text('Hel')
    expect(stream.tell(type, fields as never)).toEqual(errorSaying(text))
    expect(stream.state.over).toBe(true)
  })

  test('ends with an error where the answer had to begin anew: what was told cannot be taken back', () => {
    const stream = told().begin()
    stream.text('Hé 👋')
    expect(stream.attempt('m', 2, 4), 'all of it is kept').toEqual([])
    expect(stream.state.over).toBeUndefined()
    expect(stream.attempt('m', 3, 0)).toEqual(errorSaying('begin anew'))
    expect(stream.state.over).toBe(true)
  })

  test('does not mind a second attempt where nothing was told', () => {
    expect(told().begin().attempt('m', 2, 0)).toEqual([])
  })

  test('that ends before its run says why', () => {
    const stream = told().begin()
    stream.text('Hel')
    expect(stream.close('reset')).toEqual(errorSaying('load the conversation again'))
    expect(stream.close('time_limit')).toEqual(errorSaying('Last-Event-ID: 1-6'))
    expect(stream.close('time_limit')).toEqual(errorSaying('?session_id=s&after=1-6'))
    expect(told().close(), 'of a run that never began').toEqual(errorSaying('not taken up'))
  })

  test('speaks the language that was asked for, else that of the run', () => {
    expect(told('fr').begin({ language: 'zh-CN' }).close('reset')).toEqual(errorSaying('Rien n’est perdu'))
    expect(told().begin({ language: 'zh-CN' }).close('reset')).toEqual(errorSaying('内容没有丢失'))
  })
})

const wish = (body: object) => chat.wish(chat.body.parse({ message: 'Hello', ...body }), {})

describe('a request', () => {
  test('has what clients send, null being nothing, and what it does not know is let be', () => {
    const nothing = { session_id: null, config_id: null, agent: null, model: null, language: null, on_disconnect: null }
    expect(wish({ ...nothing, temperature: 1 })).toEqual({
      kind: 'run',
      answer: 'stream',
      options: null,
      session: undefined,
      language: undefined,
      run: { message: 'Hello' },
    })
    expect(wish({ session_id: 4711 })).toMatchObject({ session: '4711' })
  })

  test('names its agent by `config_id`', () => {
    expect(
      wish({ config_id: 'support', agent: 'other', model: 'm', on_disconnect: 'cancel', language: 'fr' }),
    ).toMatchObject({
      language: 'fr',
      run: { agent: 'support', model: 'm', on_disconnect: 'cancel' },
    })
    expect(wish({ agent: 'other' })).toMatchObject({ run: { agent: 'other' } })
  })

  test.each([{ message: '' }, { message: 7 }, { session_id: 'no spaces' }, { session_id: -1 }, { config_id: '' }])(
    'that makes no sense is refused: %j',
    (body) => {
      expect(chat.body.safeParse({ message: 'Hello', ...body }).success).toBe(false)
    },
  )
})

test('an answer in one piece has a status that says how it ended', () => {
  const about = { session: 's', run: 'r', language: 'zh' } as const
  const message = { id: 'm', text: 'Hello' }
  const tell = chat.tell!
  expect(tell({ ...about, status: 'done', message })).toEqual({
    status: 200,
    body: { session_id: 's', message: 'Hello' },
  })
  expect(tell({ ...about, status: 'limit', message: null })).toMatchObject({ status: 200, body: { message: '' } })
  expect(tell({ ...about, status: 'cancelled', message, reason: 'user' })).toEqual({
    status: 409,
    body: {
      session_id: 's',
      message: 'Hello',
      error: '回答已取消。已生成的部分已保留。',
      detail: '回答已取消。已生成的部分已保留。',
      code: 'run_cancelled',
    },
  })
  const error = { code: 'provider_broken', message: 'It broke off.' }
  expect(tell({ ...about, status: 'failed', message: null, error })).toMatchObject({
    status: 502,
    body: { message: '', error: 'It broke off.', code: 'provider_broken' },
  })
})

describe('a message in the list', () => {
  const [view] = chat.views!
  const message: ShownMessage = {
    id: 'm',
    role: 'assistant',
    status: 'complete',
    reason: 'stop',
    text: 'Hello',
    created_at: '2026-11-20T10:00:00.000Z',
    streaming: { completed_at: '2026-11-20T10:00:05.000Z' },
  }
  const shown = (more: Partial<ShownMessage>, raw?: object | null) =>
    view!.of === 'messages'
      ? view!.tell(
          { ...message, ...more },
          { session: 's', language: 'zh', ...(raw !== undefined && { raw: raw as never }) },
        )
      : undefined

  test('is what the protocol says', () => {
    expect(shown({})).toEqual({
      id: 'm',
      session_id: 's',
      role: 'assistant',
      content: 'Hello',
      timestamp: '2026-11-20T10:00:00.000Z',
      metadata: {},
    })
  })

  test('that was interrupted says so in its text, and why in its metadata', () => {
    const timestamp = '2026-11-20T10:00:05.000Z'
    expect(shown({ status: 'partial', reason: 'cancelled' })).toMatchObject({
      content: 'Hello\n\n[流式中断]',
      metadata: { partial: true, reason: 'cancelled', timestamp },
    })
    expect(shown({ status: 'partial', reason: 'provider_failed' })).toMatchObject({
      metadata: { partial: true, error: 'provider_failed', timestamp },
    })
    expect(shown({ status: 'partial', reason: 'error: out of paper' })).toMatchObject({
      metadata: { partial: true, error: 'out of paper', timestamp },
    })
  })

  test('is left out where there was no text, or not all of it yet', () => {
    expect(shown({ status: 'partial', reason: 'cancelled', text: '' })).toBeUndefined()
    expect(shown({ text: '' }), 'it only called tools').toBeUndefined()
    expect(shown({ status: 'streaming' })).toBeUndefined()
    expect(shown({ role: 'user', text: '' }), 'a picture').toMatchObject({ content: '' })
  })

  test('has what its model was sent and has answered where that is asked for', () => {
    const request = { model: 'm', messages: [], temperature: 1, max_tokens: 9, stream: true, tools: [] }
    const response = { content: 'Hello', chunks: 2, model: 'm', finish_reason: 'stop', timestamp: 't', data: {} }
    expect(shown({}, { request, response })).toMatchObject({
      raw_request: { model: 'm', messages: [], temperature: 1, max_tokens: 9, stream: true },
      raw_response: { content: 'Hello', chunks: 2, model: 'm', finish_reason: 'stop', timestamp: 't' },
    })
    expect(shown({}, { request, response })!['raw_request']).not.toHaveProperty('tools')
    expect(shown({ role: 'user' }, null)).toMatchObject({ raw_request: null, raw_response: null })
  })

  test.each([
    [{}, {}],
    [
      { limit: '20', raw: 'true', other: 'x' },
      { limit: 20, raw: true },
    ],
    [{ raw: 'false' }, { raw: false }],
    [{ limit: '0' }, null],
    [{ limit: 'ten' }, null],
    [{ limit: ['1', '2'] }, null],
    [{ raw: 'maybe' }, null],
  ])('the query %j is read as %j', (query, read) => {
    const found = view!.query.safeParse(query)
    expect(found.success ? found.data : null).toEqual(read)
  })
})
