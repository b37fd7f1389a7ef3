import { draft, type EventFields, newId } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { Told } from '../test/told.ts'
import { DialectRefusal } from './dialect-refusal.ts'
import { planner } from './planner.ts'
import { type PlannerOptions, plannerBody, plannerOptions, plannerWish } from './planner-request.ts'

const AT = '2026-11-20T10:00:00.000Z'
const plain: PlannerOptions = { metadata: false, buffered: false, heartbeatSeconds: 30 }
const told = (more: Partial<PlannerOptions> = {}) => new Told(planner, { ...plain, ...more })
const frame = (event_type: string, data: unknown = {}) => ({ event_type, timestamp: AT, session_id: 's', data })
const names = (frames: unknown[]) => frames.map((one) => (one as { event_type: string }).event_type)

describe('a stream', () => {
  test('is connected, begins, tells the answer and ends with statistics', () => {
    const stream = told()
    expect(stream.first).toEqual([{ event: 'connection', data: frame('connection', { status: 'connected' }) }])
    expect(stream.tell('run.started', { kind: 'agent', language: 'zh-CN' })).toEqual([
      frame('conversation_start', { run: 'r', language: 'zh' }),
    ])
    expect(stream.tell('run.status', { phase: 'thinking', text: '正在思考…' })).toEqual([
      frame('processing_status', { status_message: '正在思考…', phase: 'thinking' }),
    ])
    const started = { message: 'm', role: 'assistant' as const, purpose: 'answer' as const, provider: 'd', model: 'd' }
    expect(stream.tell('message.started', started)).toEqual([frame('assistant_message_start', { message_id: 'm' })])
    expect(stream.attempt('m', 1, 0)).toEqual([])
    expect(stream.text('Hi ')).toEqual([frame('assistant_message_chunk', { message_id: 'm', content: 'Hi ' })])
    stream.text('you', 'm', 2)
    expect(stream.tell('message.completed', { message: 'm', status: 'complete', reason: 'stop' })).toEqual([
      frame('assistant_message_end', { message_id: 'm', complete_message: 'Hi you', partial: false }),
    ])
    expect(stream.complete()).toEqual([
      frame('conversation_end', { execution_time: 0.001, tool_execution_results_updates: {}, status: 'done' }),
    ])
    expect(stream.tell('memory.progress', { found: 1 }), 'memories come after the conversation').toEqual([])
    expect(stream.close()).toEqual([
      frame('complete', { events_sent: 0, bytes_sent: 0, duration: 0 }),
      frame('close', { reason: 'done' }),
    ])
  })

  test('names each frame by its type, and says of which event it is where that is asked for', () => {
    const stream = told({ metadata: true })
    const id = newId()
    const event = draft('run.started', { run: 'r', kind: 'agent' }, new Date(AT))
    const [started] = planner.encode({ event, id, cursor: '1-7' }, stream.state as never)
    expect(started).toEqual({
      event: 'conversation_start',
      data: {
        ...frame('conversation_start', { run: 'r', language: 'en' }),
        metadata: { event_id: id, run: 'r', cursor: '1-7' },
      },
    })
    const [beat] = planner.beat!(stream.state as never, new Date(AT)) as { data: object }[]
    expect(beat).toEqual({
      event: 'heartbeat',
      data: { ...frame('heartbeat'), metadata: { event_id: null, run: 'r', cursor: '1-7' } },
    })
    expect(told().state.variant).not.toBe(stream.state.variant)
  })

  test('counts what was sent, the time, and its own last words but these', () => {
    const stream = told()
    stream.tell('run.started', { kind: 'agent' })
    const sent = { frames: 7, bytes: 1234, ms: 2500 }
    const [, complete] = planner.close('time_limit', stream.state as never, sent)
    expect(complete).toEqual({
      event: 'complete',
      data: {
        ...frame('complete', { events_sent: 8, bytes_sent: 1234, duration: 2.5 }),
        timestamp: '2026-11-20T10:00:02.500Z',
      },
    })
  })

  test('beats and holds back as it was asked to', () => {
    expect(planner.beatMs!({ ...plain, heartbeatSeconds: 1.5 })).toBe(1500)
    expect(planner.hold!({ ...plain, buffered: true })).toEqual({ ms: 200, frames: 32 })
    expect(planner.hold!(plain)).toBeUndefined()
  })

  test('begins a message again that had to begin anew, and goes on with one of which all is kept', () => {
    const stream = told().begin()
    stream.text('a🙂')
    expect(stream.attempt('m', 2, 2)).toEqual([])
    expect(stream.attempt('m', 3, 0)).toEqual([frame('assistant_message_start', { message_id: 'm' })])
    stream.text('other')
    expect(stream.tell('message.completed', { message: 'm', status: 'partial', reason: 'cancelled' })).toEqual([
      frame('assistant_message_end', { message_id: 'm', complete_message: 'other', partial: true }),
    ])
  })

  test('shows people answers only, each of several', () => {
    const stream = told().begin()
    stream.text('first')
    stream.tell('message.completed', { message: 'm', status: 'complete', reason: 'tool_calls' })
    stream.answer('p', 'plan')
    expect(stream.text('I plan', 'p')).toEqual([])
    expect(stream.tell('message.completed', { message: 'p', status: 'complete', reason: 'stop' })).toEqual([])
    stream.answer('n')
    stream.text('second', 'n')
    expect(stream.tell('message.completed', { message: 'n', status: 'complete', reason: 'stop' })).toMatchObject([
      { data: { message_id: 'n', complete_message: 'second' } },
    ])
  })

  test('says that it waits for the answer before this one', () => {
    const parts = [{ type: 'text' as const, text: 'hi' }]
    expect(told().tell('run.queued', { kind: 'agent', language: 'fr', message: 'u', parts })).toEqual([
      frame('processing_status', {
        status_message: 'En attente de la fin de la réponse précédente…',
        phase: 'queued',
      }),
    ])
  })
})

const search = { tool_name: 'search', call_id: 'c', arguments: { q: 'tea' } }
const call = (stream: Told<PlannerOptions>) =>
  stream.tell('tool.called', { call: 'c', name: 'search', input: { q: 'tea' }, repeatable: true })

describe('a tool', () => {
  test('begins, comes on and ends, and what came of it is told at the end for the client to keep', () => {
    const stream = told().begin()
    expect(call(stream)).toEqual([frame('tool_call_start', { ...search, status: 'started' })])
    expect(stream.tell('tool.started', { call: 'c', attempt: 1, worker: 'w' })).toEqual([])
    expect(stream.tell('tool.progress', { call: 'c', progress: 0.5, text: 'half' })).toEqual([
      frame('tool_call_progress', { ...search, status: 'progress', progress_message: 'half', progress: 0.5 }),
    ])
    expect(stream.tell('tool.progress', { call: 'c' })).toMatchObject([
      { data: { progress_message: null, progress: null } },
    ])
    const came = { status: 'completed', result: { hits: 3 }, execution_time: 1.5, error_message: null }
    expect(stream.tell('tool.completed', { call: 'c', output: { hits: 3 }, duration_ms: 1500 })).toEqual([
      frame('tool_call_end', { ...search, ...came }),
    ])
    expect(stream.complete()).toMatchObject([
      { data: { tool_execution_results_updates: { c: { tool_name: 'search', ...came } } } },
    ])
  })

  test('that failed says why', () => {
    const stream = told().begin()
    call(stream)
    const error = { code: 'tool_failed', message: 'The library is closed.' }
    const came = { status: 'failed', result: null, execution_time: 0, error_message: 'The library is closed.' }
    expect(stream.tell('tool.failed', { call: 'c', error, outcome: 'failed' })).toEqual([
      frame('tool_call_end', { ...search, ...came }),
    ])
    expect(stream.complete()).toMatchObject([{ data: { tool_execution_results_updates: { c: came } } }])
  })

  test('with a large output tells its beginning and where all of it is; what the client keeps is short', () => {
    const stream = told().begin()
    call(stream)
    const output = '🙂'.repeat(10_000)
    expect(stream.tell('tool.completed', { call: 'c', output, blob: 'B', duration_ms: 1 })).toMatchObject([
      { data: { result: output, result_url: '/v1/sessions/s/blobs/B', truncated: true } },
    ])
    expect(stream.complete()).toMatchObject([
      { data: { tool_execution_results_updates: { c: { result: '🙂'.repeat(4096), truncated: true } } } },
    ])
  })
})

test('a question is a status with all that it asks, and so is its answer', () => {
  const stream = told().begin()
  const question = {
    kind: 'plan' as const,
    round: 1,
    tasks: [{ index: 1, description: 'Wait', tool: 'demo_wait', input: {} }],
    hash: 'h',
    options: ['confirm' as const, 'modify' as const, 'cancel' as const],
    timeout_seconds: 300,
    deadline: AT,
  }
  expect(stream.tell('confirmation.requested', { confirmation: 'q', prompt: 'May I?', ...question })).toEqual([
    frame('processing_status', {
      status_message: 'May I?',
      phase: 'awaiting_confirmation',
      question: { confirmation: 'q', ...question, answer: '/v1/sessions/s/confirmations/q' },
    }),
  ])
  const answer = { confirmation: 'q', action: 'modify' as const, message: 'later' }
  expect(stream.tell('confirmation.resolved', { ...answer, by: 'ada', via: 'http' })).toEqual([
    frame('processing_status', {
      status_message: 'modify',
      phase: 'confirmation_resolved',
      resolution: { ...answer, by: 'ada' },
    }),
  ])
})

describe('a document', () => {
  const artifact = {
    artifact: 'a',
    kind: 'design_document',
    title: 'Plan',
    filename: 'plan.md',
    media_type: 'text/markdown',
  }
  const about = { filename: 'plan.md', title: 'Plan', media_type: 'text/markdown' }
  const created = (fields: Partial<EventFields<'artifact.created'>>) =>
    draft('artifact.created', { run: 'r', ...artifact, ...fields }, new Date(AT))

  test('comes with its content', () => {
    expect(
      told()
        .begin()
        .tell('artifact.created', { ...artifact, content: '# Plan' }),
    ).toEqual([frame('design_document_generated', { ...about, content: '# Plan' })])
    expect(planner.wants!(created({ content: '# Plan' }))).toBeUndefined()
  })

  test('that lies in a blob comes with its content all the same, or with nothing but its address where it is lost', () => {
    const event = created({ blob: 'B' })
    expect(planner.wants!(event)).toBe('B')
    for (const blob of ['# Long', null]) {
      const [frames] = planner.encode({ event, id: newId(), cursor: '1-9', blob }, told().begin().state as never)
      const data = { ...about, content: blob, content_url: '/v1/sessions/s/blobs/B' }
      expect(frames).toEqual({ event: 'design_document_generated', data: frame('design_document_generated', data) })
    }
  })

  test('of another kind is none', () => {
    expect(
      told()
        .begin()
        .tell('artifact.created', { ...artifact, kind: 'chart', content: '' }),
    ).toEqual([])
    expect(planner.wants!(created({ kind: 'chart', blob: 'B' }))).toBeUndefined()
  })
})

test('custom events pass under their own names, also those of no run', () => {
  const stream = told().begin()
  expect(stream.tell('custom.weather.seen', { data: { sun: true } })).toEqual([
    frame('custom.weather.seen', { sun: true }),
  ])
  const event = draft('custom.ping', {}, new Date(AT))
  const [ping] = planner.encode({ event, id: newId(), cursor: '1-9' }, stream.state as never)
  expect(ping).toEqual({ event: 'custom.ping', data: frame('custom.ping', null) })
})

describe('the end', () => {
  const none = { execution_time: 0, tool_execution_results_updates: {} }

  test('of a run that failed is an error, and then an end', () => {
    const stream = told().begin()
    const error = { code: 'provider_broken', message: 'It broke off.', retryable: true }
    expect(stream.tell('run.failed', { error })).toEqual([
      frame('error', { error_message: 'It broke off.', code: 'provider_broken' }),
      frame('conversation_end', { ...none, status: 'failed' }),
    ])
    expect(stream.close()).toMatchObject([{}, { data: { reason: 'failed' } }])
  })

  test('of one that was cancelled, or reached a limit, says so', () => {
    const cancelled = told().begin()
    expect(cancelled.tell('run.cancelled', { by: 'ada', reason: 'user' })).toEqual([
      frame('conversation_end', { ...none, status: 'cancelled', reason: 'user' }),
    ])
    expect(cancelled.close()).toMatchObject([{}, { data: { reason: 'cancelled' } }])
    const limited = told().begin()
    const usage = { input_tokens: 1, output_tokens: 1 }
    const end = { status: 'limit' as const, limit: 'steps', usage, steps: 3, duration_ms: 1200 }
    expect(limited.tell('run.completed', end)).toMatchObject([
      { data: { status: 'limit', limit: 'steps', execution_time: 1.2 } },
    ])
  })

  test.each([
    ['time_limit', 'time_limit', /goes on: connect again/],
    ['reset', 'reset', /load the messages/],
    ['finished', 'not_answered', /was not answered/],
  ] as const)('before the run has ended (%s) is an error that says what to do', (ending, code, text) => {
    const stream = told().begin()
    const frames = stream.close(ending)
    expect(names(frames)).toEqual(['error', 'complete', 'close'])
    expect(frames).toMatchObject([
      { data: { code, error_message: expect.stringMatching(text) } },
      {},
      { data: { reason: code } },
    ])
  })

  test('of the session itself is an error', () => {
    const stream = told().begin({ language: 'ja' })
    expect(stream.tell('session.erased', { by: 'ada' })).toMatchObject([
      { event_type: 'error', data: { code: 'session_erased', error_message: expect.stringContaining('消去') } },
    ])
    expect(names(stream.close())).toEqual(['complete', 'close'])
  })

  test('is told in the language that was asked for, else in that of the run', () => {
    const french = new Told(planner, plain, { language: 'fr' }).begin({ language: 'zh' })
    expect(french.close('reset')).toMatchObject([
      { data: { error_message: expect.stringContaining('rechargez') } },
      {},
      {},
    ])
    const chinese = told().begin({ language: 'zh' })
    expect(chinese.close('reset')).toMatchObject([
      { data: { error_message: expect.stringContaining('重新加载') } },
      {},
      {},
    ])
  })
})

const user = (content: unknown) => ({ role: 'user', content, timestamp: '2026-11-20' })
const read = (body: object) =>
  plannerWish(plannerBody.parse({ session_id: 's', dialogue_history: [user('hi')], ...body }))

const languageOf = (body: object) => (read(body) as { language?: string }).language

describe('a request', () => {
  test('asks for what its defaults are', () => {
    expect(read({})).toEqual({
      kind: 'run',
      answer: 'stream',
      session: 's',
      language: undefined,
      options: { metadata: false, buffered: false, heartbeatSeconds: 30 },
      run: { message: 'hi', history: [] },
    })
    const nothing = {
      tool_execution_results: null,
      session_metadata: null,
      last_updated: null,
      is_compressed: null,
      language: null,
      include_metadata: null,
      buffer_events: null,
      heartbeat_interval: null,
      agent: null,
    }
    expect(read({ ...nothing, theirs: [1], session_id: 's' })).toEqual(read({}))
  })

  test('takes over all that it is told', () => {
    const wish = read({
      session_id: 4711,
      tool_execution_results: { weather: 'sunny' },
      session_metadata: { user: 7, theme: 'dark' },
      is_compressed: true,
      last_updated: 12,
      include_metadata: true,
      buffer_events: true,
      heartbeat_interval: 1,
      agent: 'a',
      model: 'm',
      language: 'zh',
      on_disconnect: 'cancel',
    })
    expect(wish).toMatchObject({
      session: '4711',
      language: 'zh',
      options: { metadata: true, buffered: true, heartbeatSeconds: 1 },
      run: {
        agent: 'a',
        model: 'm',
        on_disconnect: 'cancel',
        metadata: { user: 7, theme: 'dark' },
        context: { tool_execution_results: { weather: 'sunny' } },
      },
    })
    expect(read({ session_metadata: { user: { name: 'Ada' } } })).toMatchObject({ run: { metadata: {} } })
    expect(read({ tool_execution_results: {} })).toEqual(read({}))
  })

  test('is the last that the user said; what was said before is its history, and what comes after is none', () => {
    const dialogue_history = [
      { role: 'system', content: 'Be brief.' },
      { ...user('one'), id: 3 },
      { role: 'assistant', content: 'two', tool_calls: [{}] },
      { role: 'tool', content: '{"a":1}', tool_call_id: 'x' },
      { role: 'assistant', content: null },
      user([
        { type: 'text', text: 'th' },
        { type: 'text', text: 'ree' },
      ]),
      { role: 'assistant', content: '' },
    ]
    expect(read({ dialogue_history })).toMatchObject({
      run: {
        message: 'three',
        history: [
          { role: 'system', text: 'Be brief.' },
          { role: 'user', text: 'one' },
          { role: 'assistant', text: 'two' },
        ],
      },
    })
  })

  test('brings along the newest two thousand of what was said before', () => {
    const before = Array.from({ length: 3000 }, (_, index) => user(`${index}`))
    const wish = read({ dialogue_history: [...before, user('now')] })
    const history = (wish.kind === 'run' && wish.run.history) || []
    expect([history.length, history[0], history.at(-1)]).toEqual([
      2000,
      { role: 'user', text: '1000' },
      { role: 'user', text: '2999' },
    ])
  })

  test('has the language that it names, else that of its session, where it is one', () => {
    expect(languageOf({ language: 'fr', session_metadata: { language: 'zh' } })).toBe('fr')
    expect(languageOf({ session_metadata: { language: 'zh_CN' } })).toBe('zh_CN')
    expect(languageOf({ session_metadata: { language: '中文' } })).toBeUndefined()
    expect(languageOf({ session_metadata: { language: 3 } })).toBeUndefined()
  })

  test.each([
    ['no session', { session_id: undefined }],
    ['null for a session', { session_id: null }],
    ['a session that cannot be', { session_id: 'a.b' }],
    ['no history', { dialogue_history: undefined }],
    ['an empty history', { dialogue_history: [] }],
    ['a history that is a text', { dialogue_history: 'hi' }],
    ['an entry without a role', { dialogue_history: [{ content: 'hi' }] }],
    ['an entry with a picture', { dialogue_history: [user([{ type: 'image_url', image_url: {} }])] }],
    ['results that are a list', { tool_execution_results: [1] }],
    ['metadata that is a text', { session_metadata: 'x' }],
    ['a text for yes', { include_metadata: 'true' }],
    ['a number for yes', { buffer_events: 1 }],
    ['a text for is_compressed', { is_compressed: 'no' }],
    ['a heartbeat that is too fast', { heartbeat_interval: 0.99 }],
    ['a heartbeat that is too slow', { heartbeat_interval: 300.1 }],
    ['a heartbeat that is a text', { heartbeat_interval: '30' }],
  ])('with %s is refused', (_, body) => {
    const given = { session_id: 's', dialogue_history: [user('hi')], ...body }
    const whole = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    expect(plannerBody.safeParse(whole).success).toBe(false)
  })

  test.each([
    ['nobody asks', [{ role: 'assistant', content: 'hi' }], 'no entry with the role "user"'],
    ['the user says nothing', [user('hi'), user('')], 'entry 1'],
    ['the user says null', [user(null)], 'entry 0'],
  ])('in which %s is refused with what is missing', (_, dialogue_history, text) => {
    expect(() => read({ dialogue_history })).toThrow(DialectRefusal)
    expect(() => read({ dialogue_history })).toThrow(text)
  })

  test('that comes back is read leniently', () => {
    expect(plannerOptions({ include_metadata: 'true', buffer_events: '1', heartbeat_interval: '2' })).toEqual({
      metadata: true,
      buffered: true,
      heartbeatSeconds: 2,
    })
    for (const heartbeat_interval of ['x', 0, 301, [], null]) {
      expect(plannerOptions({ heartbeat_interval, include_metadata: 'no' })).toEqual(plain)
    }
  })
})

test('its status is what the gateway says of itself, in its own words', () => {
  const [view] = planner.views!
  if (view?.of !== 'status') throw new Error('no status')
  const found = {
    version: '0.1.0',
    status: 'ready',
    started_at: AT,
    followed_sessions: 2,
    open_streams: 3,
    streams_opened: 4,
    checks: { nats: { status: 'up' } },
    models: [],
    theirs: 1,
  }
  expect(view.tell(found)).toEqual({
    version: '0.1.0',
    status: 'ready',
    started_at: AT,
    sessions: 2,
    open_streams: 3,
    counters: { streams_opened: 4 },
    dependencies: { nats: { status: 'up' } },
    models: [],
  })
})
