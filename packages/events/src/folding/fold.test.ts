import { describe, expect, test } from 'vitest'
import { Story } from '../../test/story.ts'
import { draft, emptySession, fold, queuedRuns } from '../index.ts'

const used = { input_tokens: 10, output_tokens: 5 }

describe('a text run', () => {
  const story = new Story().ask('r1', 'Hello?').request('r1', 'm1').generate('r1', 'm1')
  story
    .stream('r1', 'm1', 'Hel', 'lo 🌧')
    .close('r1', 'm1', { response: { id: 'resp-1' } })
    .end('r1')
  const { state } = story

  test('ends with the whole conversation and the session idle', () => {
    expect(state).toMatchObject({ seq: 9, firstSeq: 1, phase: 'idle', activeRun: null, agent: 'demo', idleSeq: 9 })
    expect(state.messages.map(({ role, text, status }) => ({ role, text, status }))).toStrictEqual([
      { role: 'user', text: 'Hello?', status: 'complete' },
      { role: 'assistant', text: 'Hello 🌧', status: 'complete' },
    ])
    expect(state.createdAt).toBe('2026-11-20T09:50:00.000Z')
    expect(state.updatedAt).toBe('2026-11-20T09:50:00.800Z')
  })

  test('has a run that knows its window and what it used', () => {
    expect(story.run('r1')).toMatchObject({
      status: 'done',
      firstSeq: 1,
      startedSeq: 1,
      endedSeq: 9,
      lastSeq: 9,
      steps: 1,
      usage: { input_tokens: 10, output_tokens: 5, cached_tokens: 0, reasoning_tokens: 0 },
    })
    expect(state.usage).toStrictEqual(story.run('r1').usage)
  })

  test('has a message that knows where it lies and how it streamed', () => {
    expect(story.message('m1')).toMatchObject({
      requestedSeq: 3,
      firstSeq: 3,
      lastSeq: 8,
      sequences: { text: 2, reasoning: 0 },
      parts: [{ type: 'text', text: 'Hello 🌧' }],
      responseId: 'resp-1',
      streaming: {
        chunks_count: 2,
        started_at: '2026-11-20T09:50:00.300Z',
        completed_at: '2026-11-20T09:50:00.700Z',
        first_token_ms: 200,
        total_duration_ms: 400,
        average_chunk_interval_ms: 100,
      },
    })
  })
})

/** An answer that was cut after 'one two'. */
function cut(): Story {
  return new Story().ask('r1', 'Go').request('r1', 'm1').generate('r1', 'm1').stream('r1', 'm1', 'one ', 'two')
}

describe('an answer of several attempts', () => {
  const next = { run: 'r1', message: 'm1', attempt: 2, worker: 'w2', provider: 'other', model: 'x' }

  test('goes on after all the text that is kept', () => {
    const story = cut()
      .say('generation.started', { ...next, reason: 'takeover', kept: 7 })
      .stream('r1', 'm1', ' three')
    expect(story.message('m1')).toMatchObject({ text: 'one two three', attempt: 2, worker: 'w2', provider: 'other' })
    expect(story.message('m1').sequences.text).toBe(3)
  })

  test('begins anew with nothing kept, while the sequences go on', () => {
    const story = cut().say('generation.started', { ...next, reason: 'failover', kept: 0 })
    expect(story.message('m1')).toMatchObject({ text: '', parts: [], sequences: { text: 2, reasoning: 0 } })
    expect(story.stream('r1', 'm1', 'new').message('m1')).toMatchObject({ text: 'new', sequences: { text: 3 } })
  })

  test('counts its attempts in a row that did not bring it on', () => {
    const story = cut()
    const retry = (attempt: number, kept: number) => {
      story.say('generation.started', { ...next, attempt, reason: 'retry', kept })
      return story.message('m1').fruitless
    }
    expect([story.message('m1').fruitless, retry(2, 7), retry(3, 7), retry(4, 0)]).toEqual([1, 2, 3, 4])
    const grow = (sequence: number, text: string) =>
      story.say('text.delta', { run: 'r1', message: 'm1', sequence, text })
    grow(3, 'x'.repeat(120))
    expect(retry(5, 120)).toBe(5)
    // Small steps add up.
    grow(4, 'x'.repeat(80))
    expect([retry(6, 200), retry(7, 200)]).toEqual([1, 2])
    grow(5, 'x'.repeat(199))
    expect(retry(8, 399)).toBe(3)
  })

  test('knows what was asked for, whoever answers', () => {
    const story = cut().say('generation.started', { ...next, model: 'another', reason: 'failover', kept: 0 })
    expect(story.message('m1')).toMatchObject({ requestedModel: 'default', model: 'another' })
  })

  test('keeps exactly what it names, where a writer broke the rule of all or nothing', () => {
    const story = cut()
    const event = draft('generation.started', { ...next, reason: 'takeover', kept: 3 })
    expect(story.tell({ seq: 99, event }).message('m1')).toMatchObject({
      text: 'one',
      parts: [{ type: 'text', text: 'one' }],
    })
  })

  test('drops arguments of a tool that were still streaming, and keeps the text', () => {
    const story = cut().say('tool.input.delta', { run: 'r1', message: 'm1', call: 'c1', name: 'clock', text: '{"a' })
    expect(story.message('m1').parts).toHaveLength(2)
    story.say('generation.started', { ...next, reason: 'retry', kept: 7 })
    expect(story.message('m1').parts).toStrictEqual([{ type: 'text', text: 'one two' }])
  })

  test('counts each attempt once, and lists those that failed', () => {
    const error = { code: 'provider_broken', message: 'The connection broke.' }
    const story = cut()
      .say('generation.failed', { run: 'r1', message: 'm1', attempt: 1, error, usage: used })
      .say('generation.started', { ...next, reason: 'failover', kept: 7 })
      .close('r1', 'm1')
    expect(story.message('m1').usage).toMatchObject({ input_tokens: 20, output_tokens: 10 })
    expect(story.run('r1').usage).toStrictEqual(story.message('m1').usage)
    const [failed, ...others] = story.message('m1').failures
    expect(failed).toMatchObject({ attempt: 1, provider: 'demo', model: 'demo', error, waitMs: 0 })
    expect(others).toEqual([])
  })

  test('does not count an attempt twice that had failed and is closed by the orchestrator', () => {
    const story = cut().say('generation.failed', {
      run: 'r1',
      message: 'm1',
      attempt: 1,
      error: { code: 'provider_broken', message: '' },
      usage: used,
    })
    story.close('r1', 'm1', { status: 'partial', reason: 'provider_failed', usage: used })
    expect(story.run('r1').usage.input_tokens).toBe(10)
  })

  test('takes the proxy at its word for one attempt, and the events for several', () => {
    const timing = { first_token_ms: 11, duration_ms: 12, chunks: 13, average_chunk_interval_ms: 14 }
    expect(cut().close('r1', 'm1', { timing }).message('m1').streaming).toMatchObject({
      chunks_count: 13,
      first_token_ms: 11,
    })
    const twice = cut()
      .say('generation.started', { ...next, reason: 'takeover', kept: 7 })
      .close('r1', 'm1', { timing })
    expect(twice.message('m1').streaming).toMatchObject({
      chunks_count: 2,
      first_token_ms: 200,
      total_duration_ms: 500,
    })
  })
})

test('reasoning, text and tool calls stand in the order in which they came', () => {
  const call = { run: 'r1', message: 'm1', call: 'c1', name: 'clock' }
  const story = new Story().ask('r1', 'Time?').request('r1', 'm1').generate('r1', 'm1')
  story
    .say('reasoning.delta', { run: 'r1', message: 'm1', sequence: 1, text: 'Let me ' })
    .say('reasoning.delta', { run: 'r1', message: 'm1', sequence: 2, text: 'look.' })
    .stream('r1', 'm1', 'One moment.')
    .say('tool.input.delta', { ...call, text: '{"zone":' })
    .say('tool.input.delta', { ...call, text: '"UTC"}' })
    .close('r1', 'm1', {
      reason: 'tool_calls',
      tool_calls: [
        { call: 'c1', name: 'clock', input: { zone: 'UTC' } },
        { call: 'c2', name: 'clock', input: null },
      ],
    })
  expect(story.message('m1').parts).toStrictEqual([
    { type: 'reasoning', text: 'Let me look.' },
    { type: 'text', text: 'One moment.' },
    { type: 'tool_call', call: 'c1', name: 'clock', text: '{"zone":"UTC"}', input: { zone: 'UTC' } },
    { type: 'tool_call', call: 'c2', name: 'clock', text: '', input: null },
  ])
  expect(story.message('m1').text).toBe('One moment.')
})

test('a queued run keeps its message until it starts, and its window begins where it was queued', () => {
  const story = new Story().ask('r1', 'First')
  const parts = [{ type: 'text' as const, text: 'Second' }]
  story.say('run.queued', { run: 'r2', kind: 'agent', input: 'u2', message: 'u2', parts })
  expect(queuedRuns(story.state).map((run) => run.id)).toStrictEqual(['r2'])
  expect(story.state.messages).toHaveLength(1)
  story.write('r1', 'm1', 'Done').end('r1').say('run.started', { run: 'r2', kind: 'agent', input: 'u2' })
  expect(story.run('r2')).toMatchObject({
    status: 'active',
    firstSeq: 3,
    startedSeq: 10,
    waiting: { message: 'u2', parts },
  })
  story.say('message.added', { run: 'r2', message: 'u2', role: 'user', parts })
  expect(story.run('r2').waiting).toBeNull()
})

test('an external producer has a message that nobody requested', () => {
  const story = new Story().say('run.started', { run: 'x', kind: 'external' })
  expect(story.state.phase).toBe('external')
  const message = { run: 'x', message: 'm1' }
  story
    .say('message.started', { ...message, role: 'assistant', purpose: 'answer', provider: 'external', model: 'mine' })
    .stream('x', 'm1', 'a', 'b')
    .close('x', 'm1')
    .end('x')
  expect(story.state.phase).toBe('idle')
  expect(story.message('m1')).toMatchObject({ text: 'ab', status: 'complete', attempt: 0, requestedSeq: null })
  expect(story.run('x').usage.input_tokens).toBe(10)
})

test('a question waits with its run, and the time it waited is counted', () => {
  const story = new Story().ask('r1', 'Act').write('r1', 'p1', 'The plan', { purpose: 'plan' })
  const tasks = [{ index: 1, description: 'Look', tool: 'clock' }]
  story.say('plan.proposed', { run: 'r1', round: 1, tasks }).say('confirmation.requested', {
    run: 'r1',
    confirmation: 'q1',
    kind: 'plan',
    round: 1,
    prompt: 'Shall I?',
    tasks,
    hash: 'h1',
    options: ['confirm', 'modify', 'cancel'],
    timeout_seconds: 300,
    deadline: '2026-11-20T09:55:00.000Z',
  })
  expect(story.state).toMatchObject({
    phase: 'awaiting_confirmation',
    question: { id: 'q1', hash: 'h1', resolution: null },
  })
  story.say('confirmation.resolved', { run: 'r1', confirmation: 'q1', action: 'confirm', by: 'u', via: 'http' })
  expect(story.state).toMatchObject({
    phase: 'processing',
    question: null,
    questions: [{ id: 'q1', resolution: { action: 'confirm', by: 'u', via: 'http', message: null } }],
  })
  expect(story.run('r1')).toMatchObject({ waitedMs: 100, plan: { round: 1, tasks } })
})

test('memory settles after the end of its run, and the window waits for it', () => {
  const story = new Story().ask('r1', 'I live in Nara', { memory: 'on' }).write('r1', 'm1', 'Nice').end('r1')
  expect(story.state.phase).toBe('idle')
  expect(story.run('r1')).toMatchObject({ status: 'done', endedSeq: 8, lastSeq: null })
  story.write('r1', 'x1', '[]', { purpose: 'memory' })
  story.say('memory.updated', { run: 'r1', count: 1, memories: [{ id: 'k1', text: 'Lives in Nara' }] })
  expect(story.run('r1')).toMatchObject({
    lastSeq: story.state.seq,
    usage: { input_tokens: 10 },
    memoryState: { status: 'updated', count: 1, usage: { input_tokens: 10 } },
  })
  expect(story.state.usage.input_tokens).toBe(20)
})

test('a run that was never started leaves no memory to wait for', () => {
  const story = new Story().ask('r1', 'x')
  story.say('run.queued', { run: 'r2', kind: 'agent', memory: 'on', message: 'u2', parts: [] })
  story.say('run.cancelled', { run: 'r2', by: 'u', reason: 'user' })
  expect(story.run('r2')).toMatchObject({ status: 'cancelled', lastSeq: 4, cancelled: { by: 'u', reason: 'user' } })
  expect(story.state.activeRun).toBe('r1')
})

test('a request that was refused later leaves a failed run that never started', () => {
  const error = { code: 'session_busy', message: 'The session is busy.', retryable: false }
  const story = new Story().ask('r1', 'x').say('run.failed', { run: 'r2', error })
  expect(story.run('r2')).toMatchObject({ status: 'failed', startedSeq: null, firstSeq: 3, lastSeq: 3, error })
  expect(story.state.activeRun).toBe('r1')
})

test('an erased session holds nothing any more, and nothing comes back', () => {
  const story = new Story().ask('r1', 'secret').say('session.erased', { by: 'u' })
  const erased = { ...emptySession(), seq: 3, firstSeq: 3, erased: true }
  expect(story.state).toMatchObject({ ...erased, createdAt: expect.any(String), updatedAt: expect.any(String) })
  expect(JSON.stringify(story.state)).not.toContain('secret')
  const late = draft('session.titled', { title: 'late' })
  expect(fold(story.state, { seq: 9, event: late })).toStrictEqual({ ...story.state, seq: 9 })
})

test('titles, summaries and artifacts are kept; the result that they came from is taken up', () => {
  const story = new Story().ask('r1', 'Hi').write('r1', 't1', 'A chat', { purpose: 'title' })
  expect(story.state.results).toStrictEqual([{ purpose: 'title', message: 't1', seq: 7 }])
  story.say('session.titled', { title: 'A chat' })
  expect(story.state).toMatchObject({ title: 'A chat', results: [] })
  story.say('artifact.created', {
    run: 'r1',
    artifact: 'a1',
    kind: 'design_document',
    title: 'Doc',
    filename: 'doc.md',
    media_type: 'text/markdown',
    content: '# Doc',
  })
  expect(story.state.artifacts).toMatchObject([{ id: 'a1', content: '# Doc', blob: null }])
})
