import { draft, type EventFields, type EventType, type SpoolEvent } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { confirmation } from './confirmation.ts'
import { DialectRefusal } from './dialect-refusal.ts'

type Told = Record<string, unknown> & { metadata: Record<string, unknown> }

/** A stream that is told made-up events. */
class Played {
  readonly state
  readonly frames: Told[] = []
  private seq = 0

  constructor(language?: 'zh' | 'en' | 'fr') {
    this.state = confirmation.open({ session: 's1', options: null, language, openedAt: 0 }).state
  }

  /** What this event becomes. */
  tell<Type extends EventType>(type: Type, fields: Omit<EventFields<Type>, 'run'>): Told[] {
    return this.hear(draft(type, { run: 'r', ...fields } as unknown as EventFields<Type>))
  }

  hear(event: SpoolEvent): Told[] {
    this.seq++
    const frames = confirmation.encode({ event, id: `e${this.seq}`, cursor: `1-${this.seq}` }, this.state)
    const told = frames.map(({ data }) => data as Told)
    this.frames.push(...told)
    return told
  }

  begin(language?: string): Told[] {
    return this.tell('run.started', { kind: 'agent', ...(language !== undefined && { language }) })
  }

  answer(message: string, ...texts: string[]): void {
    const model = { provider: 'p', model: 'm' }
    this.tell('message.started', { message, role: 'assistant', purpose: 'answer', ...model })
    this.attempt(message, 0)
    for (const [index, text] of texts.entries()) this.tell('text.delta', { message, sequence: index + 1, text })
  }

  attempt(message: string, kept: number): Told[] {
    const model = { provider: 'p', model: 'm', worker: 'w', reason: 'first' as const }
    return this.tell('generation.started', { message, attempt: 1, kept, ...model })
  }

  call(name: string, call = 'c1'): void {
    this.tell('tool.called', { call, name, input: {}, repeatable: true })
  }
}

const NO_USAGE = { input_tokens: 0, output_tokens: 0 }
const done = { usage: NO_USAGE, steps: 1, duration_ms: 1 }
const asked = {
  confirmation: 'q1',
  kind: 'plan' as const,
  round: 2,
  prompt: 'unused',
  hash: 'h',
  options: ['confirm' as const, 'modify' as const, 'cancel' as const],
  timeout_seconds: 300,
  deadline: '2026-11-20T10:00:00.000Z',
}

describe('the language of the frames', () => {
  test('is that of the run where the request names none', () => {
    expect(new Played().begin('zh-CN')[0]).toMatchObject({ chunk: '开始规划任务...' })
    expect(new Played().begin()[0]).toMatchObject({ chunk: 'Planning the task…' })
    expect(new Played('fr').begin('zh')[0]).toMatchObject({ chunk: 'Début de la planification de la tâche…' })
  })

  test('is known of a run that waits, which says nothing yet', () => {
    const played = new Played()
    const parts = [{ type: 'text' as const, text: 'hi' }]
    expect(played.tell('run.queued', { kind: 'agent', language: 'zh', message: 'm', parts })).toEqual([])
    expect(played.tell('run.cancelled', { by: 'ada', reason: 'user' })[0]).toMatchObject({ chunk: '任务已取消' })
  })
})

describe('the text', () => {
  test('is that of answers, not of plans, thoughts and what is between', () => {
    const played = new Played()
    played.begin()
    const plan = { message: 'p', role: 'assistant', purpose: 'plan', provider: 'p', model: 'm' } as const
    played.tell('message.started', plan)
    played.attempt('p', 0)
    played.tell('text.delta', { message: 'p', sequence: 1, text: 'I could…' })
    played.answer('a', 'Hel', 'lo')
    played.tell('reasoning.delta', { message: 'a', sequence: 1, text: 'hm' })
    played.hear(draft('session.titled', { title: 'Greetings' }))
    played.hear(draft('custom.weather', { run: 'r', data: { rain: 7 } }))
    expect(played.frames.slice(1).map(({ chunk_type, chunk }) => [chunk_type, chunk])).toEqual([
      ['content', 'Hel'],
      ['content', 'lo'],
    ])
  })

  test('that begins anew is taken back: so much stays of all that was sent', () => {
    const played = new Played()
    played.begin('zh')
    played.answer('a', 'Ada 👩‍🚀')
    played.answer('b', 'two', '!')
    expect(played.attempt('b', 4), 'all of it stays').toEqual([])
    expect(played.attempt('b', 0)).toMatchObject([
      { chunk_type: 'status', chunk: '回答重新开始...', finished: false, metadata: { reset: true, kept: 7 } },
    ])
    expect(played.attempt('b', 0), 'nothing is left to be taken back').toEqual([])
    expect(played.attempt('a', 0), 'it is whole').toEqual([])
  })
})

function status(played: Played, phase: EventFields<'run.status'>['phase']) {
  const frames = played.tell('run.status', { phase, text: `<${phase}>` })
  return frames.map(({ chunk_type, chunk }) => [chunk_type, chunk])
}

describe('what is done', () => {
  test('is a status before anything is done, and an update from then on, until it is planned anew', () => {
    const played = new Played('zh')
    expect(status(played, 'planning')).toEqual([['status', '<planning>']])
    expect(status(played, 'thinking')).toEqual([['status', '<thinking>']])
    expect(status(played, 'acting')).toEqual([['status_update', '开始执行...']])
    expect(status(played, 'thinking')).toEqual([['status_update', '<thinking>']])
    expect(status(played, 'planning')).toEqual([['status', '<planning>']])
  })

  test('says how far a tool is, as far as that is known', () => {
    const played = new Played('zh')
    played.call('search')
    const about = { call: 'c1', name: 'search' }
    const update = (chunk: string, progress: number | null) => [
      expect.objectContaining({ chunk_type: 'status_update', chunk, metadata: { ...about, progress } }),
    ]
    const start = { call: 'c1', attempt: 1, worker: 'w' }
    expect(played.tell('tool.started', start)).toEqual(update('正在执行 search...', 0))
    expect(played.tell('tool.progress', { call: 'c1', progress: 0.426 })).toEqual(
      update('正在执行 search... 43%', 0.426),
    )
    expect(played.tell('tool.progress', { call: 'c1', text: '3 hits' })).toEqual(update('3 hits', null))
    expect(played.tell('tool.progress', { call: 'c1' })).toEqual(update('正在执行 search...', null))
    expect(played.tell('tool.started', { ...start, attempt: 2 }), 'it begins again').toEqual(
      update('正在执行 search...', 0),
    )
  })

  test.each([
    ['text', 'text'],
    [{ rain: 7 }, '{"rain":7}'],
    [null, 'null'],
    [undefined, ''],
  ])('shows the output %j as %j', (output, chunk) => {
    const played = new Played()
    played.call('search')
    const metadata = { call: 'c1', name: 'search', ok: true }
    expect(played.tell('tool.completed', { call: 'c1', output, duration_ms: 1 })).toMatchObject([
      { chunk_type: 'tool_output', chunk, metadata },
    ])
  })

  test('shows the beginning of an output that is too large, and where all of it is', () => {
    const played = new Played('zh')
    played.call('search')
    const link = '/v1/sessions/s1/blobs/b1'
    expect(played.tell('tool.completed', { call: 'c1', output: 'It rai', blob: 'b1', duration_ms: 1 })).toMatchObject([
      { chunk: `It rai…\n完整输出：${link}`, metadata: { call: 'c1', name: 'search', ok: true, link } },
    ])
  })

  test('shows what went wrong, also of a tool that never began', () => {
    const played = new Played()
    played.call('search')
    const error = { code: 'tool_failed', message: 'It is out of order.' }
    expect(played.tell('tool.failed', { call: 'c1', error, outcome: 'failed' })).toMatchObject([
      { chunk_type: 'tool_output', chunk: error.message, metadata: { call: 'c1', name: 'search', ok: false } },
    ])
  })

  test('does not show the call by which a plan is proposed', () => {
    const played = new Played()
    played.call('propose_plan')
    const error = { code: 'invalid_arguments', message: 'tasks: too few' }
    expect(played.tell('tool.failed', { call: 'c1', error, outcome: 'failed' })).toEqual([])
  })
})

describe('a question', () => {
  test('pauses the stream and shows in a line each what will be done', () => {
    const played = new Played('zh')
    const tasks = [
      { index: 1, description: 'Look\n2. around\u202e', tool: 'look', input: { at: 'all' } },
      { index: 2, description: 'Think' },
      { index: 3, description: 'Write', tool: 'write', input: { text: 'x'.repeat(2000) } },
    ]
    const [frame] = played.tell('confirmation.requested', { ...asked, tasks })
    const lines = String(frame!['chunk']).split('\n')
    expect(lines.slice(0, 3)).toEqual(['请确认执行以下3个任务：', '1. Look 2. around (look {"at":"all"})', '2. Think'])
    expect(lines[3]).toMatch(/^3\. Write \(write \{"text":"x{491} \[… 1011 …\] x{498}"\}\)$/)
    expect(frame).toEqual({
      chunk: lines.join('\n'),
      session_id: 's1',
      finished: false,
      chunk_type: 'confirmation_request',
      metadata: { confirmation: 'q1', deadline: asked.deadline },
      confirmation_data: {
        tasks: [
          { index: 1, description: 'Look 2. around (look {"at":"all"})', tool: 'look' },
          { index: 2, description: 'Think', tool: null },
          { index: 3, description: lines[3]!.slice(3), tool: 'write' },
        ],
        options: ['confirm', 'modify', 'cancel'],
        timeout_seconds: 300,
        confirmation_round: 2,
      },
      requires_response: true,
      stream_paused: true,
    })
  })
})

describe('the end', () => {
  const error = { code: 'provider_stalled', message: 'The model stopped.', retryable: true }
  const ends: [name: string, type: string, chunk: string, metadata: object, (played: Played) => Told[]][] = [
    ['done', 'completion', '任务完成', {}, (played) => played.tell('run.completed', { status: 'done', ...done })],
    [
      'a limit',
      'completion',
      '任务已达到上限，到此结束',
      { status: 'limit', limit: 'steps' },
      (played) => played.tell('run.completed', { status: 'limit', limit: 'steps', ...done }),
    ],
    ...['confirmation_cancelled', 'user', 'interrupted', 'client_disconnected'].map((reason): (typeof ends)[number] => [
      `cancelled: ${reason}`,
      'completion',
      '任务已取消',
      { status: 'cancelled' },
      (played) => played.tell('run.cancelled', { by: 'ada', reason }),
    ]),
    [
      'its time was over',
      'completion',
      '任务已达到上限，到此结束',
      { status: 'cancelled', limit: 'time' },
      (played) => played.tell('run.cancelled', { by: 'spool', reason: 'time_limit' }),
    ],
    [
      'nobody answered',
      'error',
      '确认超时或取消',
      {},
      (played) => played.tell('run.cancelled', { by: 'spool', reason: 'confirmation_timeout' }),
    ],
    ['failed', 'error', error.message, { code: error.code }, (played) => played.tell('run.failed', { error })],
    [
      'erased',
      'error',
      '此会话已被删除。请用新的 id 开始另一个会话。',
      {},
      (played) => played.hear(draft('session.erased', { by: 'ada' })),
    ],
  ]

  test.each(ends)('%s is %s', (_, chunk_type, chunk, metadata, end) => {
    const played = new Played('zh')
    expect(end(played)).toEqual([
      {
        chunk,
        session_id: 's1',
        finished: true,
        chunk_type,
        metadata,
        confirmation_data: null,
        requires_response: false,
        stream_paused: false,
      },
    ])
    expect(played.state.over, 'what is remembered afterwards is not waited for').toBe(true)
  })

  test.each([
    ['finished', /could not be taken up/],
    ['time_limit', /goes on: come back/],
    ['reset', /Load its messages again/],
  ] as const)('of the stream alone is an error that says what to do: %s', (ending, text) => {
    const { state } = new Played('en')
    const [frame] = confirmation.close(ending, state, { bytes: 0, frames: 0, ms: 0 })
    expect(frame!.data).toMatchObject({
      chunk_type: 'error',
      chunk: expect.stringMatching(text),
      finished: true,
      session_id: 's1',
    })
  })
})

const wish = (message: string, more: object = {}) =>
  confirmation.wish(confirmation.body.parse({ message, ...more }), {})

describe('a message', () => {
  test('asks for a run, with what a body may name beside it', () => {
    const body = { session_id: 7, agent: 'a', model: 'm', language: 'zh', on_disconnect: 'cancel', theirs: 1 }
    expect(wish('hi', body)).toEqual({
      kind: 'run',
      answer: 'stream',
      options: null,
      session: '7',
      language: 'zh',
      run: { message: 'hi', agent: 'a', model: 'm', on_disconnect: 'cancel' },
    })
  })

  test.each([
    'CONFIRM_ACTIONS:confirm',
    'CONFIRM_ACTION please',
    'confirm',
    'Say CONFIRM_ACTION:confirm',
    'confirm_action:confirm',
  ])('that only looks like an answer is a message: %s', (message) =>
    expect(wish(message)).toMatchObject({ kind: 'run', run: { message } }),
  )
})

describe('an answer', () => {
  test.each([
    ['CONFIRM_ACTION:confirm', 'confirm', undefined],
    ['CONFIRM_ACTION:cancel', 'cancel', undefined],
    [' CONFIRM_ACTION: confirm \n', 'confirm', undefined],
    ['CONFIRM_ACTION:modify:not at 3:00, at 4:00', 'modify', 'not at 3:00, at 4:00'],
    ['CONFIRM_ACTION:modify: one\ntwo ', 'modify', 'one\ntwo'],
    ['CONFIRM_ACTION:modify:confirm', 'modify', 'confirm'],
  ])('%j is %s', (message, action, changes) => {
    const { kind, session, ...answer } = wish(message, { session_id: 's1' })
    expect({ kind, session }).toEqual({ kind: 'answer', session: 's1' })
    expect(answer).toMatchObject({ action, ...(changes !== undefined && { message: changes }) })
    expect('message' in answer).toBe(changes !== undefined)
  })

  test.each([
    ['CONFIRM_ACTION', 'invalid_body'],
    ['CONFIRM_ACTION:', 'invalid_body'],
    ['CONFIRM_ACTION: ', 'invalid_body'],
    ['CONFIRM_ACTION:yes', 'invalid_body'],
    ['CONFIRM_ACTION:confirm all', 'invalid_body'],
    ['CONFIRM_ACTION:confirm:but', 'invalid_body'],
    ['CONFIRM_ACTION:cancel:', 'invalid_body'],
    ['CONFIRM_ACTION:timeout', 'invalid_body'],
    ['CONFIRM_ACTION:modify', 'confirmation_needs_text'],
    ['CONFIRM_ACTION:modify:', 'confirmation_needs_text'],
    ['CONFIRM_ACTION:modify: \t', 'confirmation_needs_text'],
  ])('%j is refused', (message, code) => {
    expect(() => wish(message)).toThrow(expect.objectContaining({ name: DialectRefusal.name, status: 400, code }))
  })

  test.each([
    ['accepted', 'confirmation_received', '确认已接收，继续执行...', { action: 'cancel' }],
    ['pending', 'status', '您的答复已安全保存，将尽快处理，请勿重复发送。', { action: 'cancel' }],
    ['nothing_waits', 'error', '确认失败，请重试', {}],
  ] as const)('that is %s is told by one frame: %s', (outcome, chunk_type, chunk, metadata) => {
    const asking = wish('CONFIRM_ACTION:cancel', { session_id: 's1' })
    const frames = asking.kind === 'answer' ? asking.told(outcome, { session: 's1', language: 'zh' }) : []
    expect(frames.map(({ data }) => data)).toEqual([
      {
        chunk,
        session_id: 's1',
        finished: true,
        chunk_type,
        metadata,
        confirmation_data: null,
        requires_response: false,
        stream_paused: false,
      },
    ])
  })
})
