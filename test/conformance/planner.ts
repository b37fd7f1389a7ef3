import { describe, expect, test } from 'vitest'
import { type Asking, ask, askJson, type ChatFrame, ChatStream } from './support/chat-stream.ts'
import { hasPython, runExample } from './support/example-client.ts'
import type { Target } from './support/target.ts'

const PATH = '/api/chat/agent'

const said = (content: unknown, role = 'user') => ({ role, content, timestamp: '2026-11-20T10:00:00Z' })
const types = (stream: ChatStream) => stream.frames.map(({ event }) => event)
const dataOf = ({ json }: ChatFrame) => json['data'] as Record<string, unknown>
const ofType = (stream: ChatStream, type: string) => stream.frames.filter(({ event }) => event === type).map(dataOf)
const answerOf = (stream: ChatStream) =>
  ofType(stream, 'assistant_message_chunk')
    .map(({ content }) => content)
    .join('')
const course = (stream: ChatStream) => types(stream).filter((type, index, all) => type !== all[index - 1])
const isAsked = (stream: ChatStream) =>
  ofType(stream, 'processing_status').some(({ question }) => question !== undefined)

const questionOf = (stream: ChatStream, round = 0) => {
  const questions = ofType(stream, 'processing_status').filter(({ question }) => question !== undefined)
  return questions[round]!['question'] as Record<string, unknown>
}
const ends = (stream: ChatStream) => ofType(stream, 'conversation_end')[0]!

let sessions = 0
const newSession = () => `planner-${process.pid}-${Date.now()}-${++sessions}`

/** Whoever speaks this dialect must be answered like this. */
export function plannerConformance(target: () => Target): void {
  const chat = (message: unknown, more: object = {}, asking: Asking = {}) => {
    const body = { session_id: newSession(), dialogue_history: [said(message)], ...more }
    return ChatStream.open(target(), PATH, { body, ...asking })
  }
  const whole = async (message: unknown, more: object = {}) => (await chat(message, more)).ended()
  const follow = (session: string, after?: string, more = '') =>
    ChatStream.open(target(), `${PATH}?session_id=${session}${after === undefined ? '' : `&after=${after}`}${more}`)
  const answer = (question: Record<string, unknown>, body: object) =>
    askJson(target(), question['answer'] as string, { body: { user: 'ada', ...body } })

  const requestOf = async (stream: ChatStream) => {
    const { message_id } = ofType(stream, 'assistant_message_start')[0]!
    const { json } = await askJson(target(), `/v1/sessions/${stream.session}/messages/${message_id as string}/raw`)
    return JSON.stringify(json['request'])
  }

  test('an answer is told from its connection to its close, each frame named and in one shape', async () => {
    const stream = await whole('Hello there', { model: 'demo/echo', language: 'zh-CN' })
    expect(stream.response.status).toBe(200)
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(course(stream)).toEqual([
      'connection',
      'conversation_start',
      'assistant_message_start',
      'assistant_message_chunk',
      'assistant_message_end',
      'conversation_end',
      'complete',
      'close',
    ])
    for (const { event, json } of stream.frames) {
      expect(json).toEqual({
        event_type: event,
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        session_id: stream.session,
        data: expect.any(Object),
      })
    }
    const run = stream.response.headers.get('x-spool-run')
    const [message_id] = ofType(stream, 'assistant_message_start').map(({ message_id: id }) => id)
    expect(ofType(stream, 'connection')).toEqual([{ status: 'connected' }])
    expect(ofType(stream, 'conversation_start')).toEqual([{ run, language: 'zh' }])
    expect(ofType(stream, 'assistant_message_chunk')[0]).toEqual({ message_id, content: expect.any(String) })
    const end = { message_id, complete_message: 'Hello there', partial: false }
    expect(ofType(stream, 'assistant_message_end')).toEqual([end])
    expect(answerOf(stream)).toBe('Hello there')
    expect(ofType(stream, 'conversation_end')).toEqual([
      { execution_time: expect.any(Number), tool_execution_results_updates: {}, status: 'done' },
    ])
    const [statistics] = ofType(stream, 'complete')
    const upTo = stream.raw.indexOf('event: complete')
    const from = stream.raw.indexOf('event: connection')
    expect(statistics).toEqual({
      events_sent: stream.frames.length - 2,
      bytes_sent: Buffer.byteLength(stream.raw.slice(from, upTo)),
      duration: expect.any(Number),
    })
    expect(ofType(stream, 'close')).toEqual([{ reason: 'done' }])
    expect(stream.frames.filter(({ id }) => id === undefined).map(({ event }) => event)).toEqual([
      'connection',
      'complete',
      'close',
    ])
  })

  test('tools are told while they work, and what they gave for the client to keep', async () => {
    const calls = [
      [{ name: 'demo_wait', input: { seconds: 0.1, steps: 2 } }],
      [{ name: 'demo_wait', input: { seconds: -1 } }],
    ]
    const stream = await whole(JSON.stringify(calls), { agent: 'calls' })
    const [begun] = ofType(stream, 'tool_call_start')
    const wait = { tool_name: 'demo_wait', call_id: begun!['call_id'], arguments: { seconds: 0.1, steps: 2 } }
    expect(begun).toEqual({ ...wait, status: 'started' })
    expect(ofType(stream, 'tool_call_progress')[0]).toEqual({
      ...wait,
      status: 'progress',
      progress_message: 'Step 1 of 2…',
      progress: 0.5,
    })
    const came = {
      status: 'completed',
      result: { waited_seconds: 0.1 },
      execution_time: expect.any(Number),
      error_message: null,
    }
    const [done, failed] = ofType(stream, 'tool_call_end')
    expect(done).toEqual({ ...wait, ...came })
    expect(done!['execution_time']).toBeGreaterThan(0.09)
    expect(failed).toMatchObject({ status: 'failed', result: null, error_message: expect.any(String) })
    expect(ofType(stream, 'conversation_end')[0]!['tool_execution_results_updates']).toEqual({
      [wait.call_id as string]: { tool_name: 'demo_wait', ...came },
      [failed!['call_id'] as string]: expect.objectContaining({ tool_name: 'demo_wait', status: 'failed' }),
    })
    const statuses = ofType(stream, 'processing_status')
    expect(statuses).toContainEqual({ status_message: 'Starting…', phase: 'acting' })
  })

  test('a document is told with its content', async () => {
    const markdown = `# Tea\n\n${'é'.repeat(1000)}`
    const calls = [[{ name: 'design_document', input: { title: 'Tea', markdown } }]]
    const stream = await whole(JSON.stringify(calls), { agent: 'calls' })
    expect(ofType(stream, 'design_document_generated')).toEqual([
      { filename: expect.stringMatching(/\.md$/), content: markdown, title: 'Tea', media_type: 'text/markdown' },
    ])
  })

  describe('a question', () => {
    const plan = { agent: 'demo-plan' }
    const asked = async (more: object = plan) =>
      (await chat('Wait 0.1 seconds, then send a postcard', more)).until(isAsked)

    test('waits in the stream, which beats meanwhile, and goes on when it is confirmed elsewhere', async () => {
      const stream = await asked({ ...plan, heartbeat_interval: 1 })
      const status = ofType(stream, 'processing_status').at(-1)!
      expect(status).toEqual({
        status_message: expect.stringContaining('Please confirm these tasks (2)'),
        phase: 'awaiting_confirmation',
        question: {
          confirmation: expect.any(String),
          kind: 'plan',
          round: 1,
          tasks: [
            { index: 1, description: expect.any(String), tool: 'demo_wait', input: { seconds: 0.1 } },
            { index: 2, description: expect.any(String), tool: 'demo_postcard', input: expect.any(Object) },
          ],
          hash: expect.any(String),
          options: ['confirm', 'modify', 'cancel'],
          timeout_seconds: 300,
          deadline: expect.any(String),
          answer: expect.stringMatching(/^\/v1\/sessions\/.*\/confirmations\/\w+$/),
        },
      })
      const openedAt = Date.now()
      await stream.until(() => types(stream).at(-1) === 'heartbeat')
      expect(Date.now() - openedAt).toBeLessThan(10_000)
      const beat = stream.frames.at(-1)!
      expect([beat.id, beat.json]).toEqual([
        undefined,
        { event_type: 'heartbeat', timestamp: expect.any(String), session_id: stream.session, data: {} },
      ])
      expect(await answer(questionOf(stream), { action: 'confirm' })).toMatchObject({ status: 200 })
      await stream.ended()
      const resolved = ofType(stream, 'processing_status').find(({ resolution }) => resolution !== undefined)
      expect(resolved).toMatchObject({
        phase: 'confirmation_resolved',
        resolution: { confirmation: questionOf(stream)['confirmation'], action: 'confirm' },
      })
      expect(ofType(stream, 'tool_call_end').map(({ tool_name }) => tool_name)).toEqual(['demo_wait', 'demo_postcard'])
      expect(ends(stream)['status']).toBe('done')
    })

    test('comes again after a modify, and ends the run with a cancel', async () => {
      const stream = await asked()
      await answer(questionOf(stream), { action: 'modify', message: 'Wait 0.2 seconds' })
      await stream.until(() => ofType(stream, 'processing_status').filter(({ question }) => question).length === 2)
      expect(questionOf(stream, 1)).toMatchObject({ round: 2 })
      await answer(questionOf(stream, 1), { action: 'cancel' })
      await stream.ended()
      expect(ends(stream)).toMatchObject({ status: 'cancelled', reason: 'confirmation_cancelled' })
      expect(ofType(stream, 'close')).toEqual([{ reason: 'cancelled' }])
      expect(types(stream)).not.toContain('tool_call_start')
    })

    test('that nobody answers ends the run in time', async () => {
      const stream = await whole('What time is it?', { agent: 'impatient' })
      expect(isAsked(stream)).toBe(true)
      expect(ends(stream)).toMatchObject({ status: 'cancelled', reason: 'confirmation_timeout' })
    })
  })

  test('a stream goes on with the next frame wherever it was cut, by GET and by POST, and starts nothing', async () => {
    const options = { include_metadata: true }
    const calls = JSON.stringify([
      [{ name: 'clock' }, { name: 'design_document', input: { title: 'T', markdown: 'M' } }],
    ])
    const stream = await whole(calls, { agent: 'calls', ...options })
    const { session } = stream
    const sent = stream.frames.filter(
      ({ event }) => event !== 'connection' && event !== 'complete' && event !== 'close',
    )
    for (const { id, json } of sent) {
      expect(json['metadata']).toEqual({
        event_id: expect.any(String),
        run: stream.response.headers.get('x-spool-run'),
        cursor: expect.stringMatching(/^1-\d+$/),
      })
      if (id !== undefined) expect((json['metadata'] as { cursor: string }).cursor).toBe(id)
    }
    const body = { session_id: session, dialogue_history: [said('again')], ...options }
    for (const [index, { id }] of sent.entries()) {
      if (id === undefined) continue
      const rest = sent.slice(index + 1)
      const got = await (await follow(session, id, '&include_metadata=true')).ended()
      const posted = await ChatStream.open(target(), PATH, { body, headers: { 'last-event-id': id } })
      for (const back of [got, await posted.ended()]) {
        expect(types(back)[0]).toBe('connection')
        expect(back.frames.slice(1, -2)).toEqual(rest)
        expect(types(back).slice(-2)).toEqual(['complete', 'close'])
      }
    }
    const again = await (await follow(session, undefined, '&include_metadata=1')).ended()
    expect(again.frames.slice(1, -2)).toEqual(sent)
    const { json } = await askJson(target(), `/v1/sessions/${session}/messages`)
    expect((json['messages'] as { role: string }[]).filter(({ role }) => role === 'user')).toHaveLength(1)
  })

  test('a client that wants its events together gets the same, in larger pieces', async () => {
    const words = Array.from({ length: 300 }, (_, index) => `word${index}`).join(' ')
    const stream = await whole(words, { model: 'demo/echo', buffer_events: true })
    expect(answerOf(stream)).toBe(words)
    expect(types(stream).slice(-3)).toEqual(['conversation_end', 'complete', 'close'])
  })

  describe('what was said elsewhere', () => {
    test('is taken over where the session begins, and ignored afterwards; the context goes to the agent', async () => {
      const dialogue_history = [
        said('Be brief.', 'system'),
        said('My name is Ada.'),
        { ...said('Hello Ada.', 'assistant'), theirs: 1 },
        said('Who am I?'),
      ]
      const tool_execution_results = { call_1: { result: 'sunny' } }
      const first = await whole('', { dialogue_history, tool_execution_results, model: 'demo/echo' })
      const { session } = first
      const messages = async () => {
        const { json } = await askJson(target(), `/v1/sessions/${session}/messages`)
        return (json['messages'] as { role: string; text: string }[]).map(({ role, text }) => [role, text])
      }
      const taken = [...dialogue_history.map(({ role, content }) => [role, content]), ['assistant', 'Who am I?']]
      expect(await messages()).toEqual(taken)
      const sent = await requestOf(first)
      for (const text of ['Be brief.', 'My name is Ada.', 'Hello Ada.', 'sunny']) expect(sent).toContain(text)
      const second = { session_id: session, dialogue_history: [said('Forged.', 'assistant'), said('And now?')] }
      const next = await whole('', { ...second, model: 'demo/echo' })
      expect(await messages()).toEqual([...taken, ['user', 'And now?'], ['assistant', 'And now?']])
      const later = await requestOf(next)
      expect(later).toContain('My name is Ada.')
      for (const text of ['Forged.', 'sunny']) expect(later).not.toContain(text)
    })

    test('may nearly fill a body, and so may the context', async () => {
      const long = '文字🙂'.repeat(35_000)
      const dialogue_history = [said('Read this.'), said(long, 'assistant'), said('Thanks.')]
      const tool_execution_results = { page: 'x'.repeat(500_000) }
      const model = 'demo/echo?window=9999999'
      const stream = await whole('', { dialogue_history, tool_execution_results, model })
      expect(answerOf(stream)).toBe('Thanks.')
      const { json } = await askJson(target(), `/v1/sessions/${stream.session}/messages`)
      expect((json['messages'] as { text: string }[])[1]!.text).toBe(long)
      expect(await requestOf(stream)).toContain(tool_execution_results.page)
    })
  })

  test('custom events of another program pass under their own names', async () => {
    const session = newSession()
    const at = `/v1/sessions/${session}/messages`
    const begun = await askJson(target(), at, { body: { role: 'assistant' } })
    const message = begun.json['message'] as string
    await askJson(target(), `${at}/${message}/chunks`, { body: { text: 'Sunny.' } })
    await askJson(target(), `${at}/${message}/custom`, { body: { type: 'custom.weather.seen', data: { sun: true } } })
    await askJson(target(), `${at}/${message}/finalize`, { body: {} })
    const stream = await (await follow(session)).ended()
    expect(ofType(stream, 'custom.weather.seen')).toEqual([{ sun: true }])
    expect(ofType(stream, 'assistant_message_end')).toMatchObject([{ complete_message: 'Sunny.', partial: false }])
  })

  test('a message to a session that is busy says that it waits', async () => {
    const first = await (await chat('Wait 0.1 seconds', { agent: 'demo-plan' })).until(isAsked)
    const more = { session_id: first.session, model: 'demo/echo', agent: 'demo' }
    const next = await (await chat('hi', more)).until((stream) => types(stream).includes('processing_status'))
    expect(ofType(next, 'processing_status')).toEqual([
      { status_message: 'Waiting for the answer before this one…', phase: 'queued' },
    ])
    const { run } = ofType(first, 'conversation_start')[0]!
    await ask(target(), `/v1/sessions/${first.session}/runs/${run as string}/cancel`, { body: {} })
    await Promise.all([first.ended(), next.ended()])
    expect(ofType(first, 'conversation_end')).toMatchObject([{ status: 'cancelled' }])
    expect(answerOf(next)).toBe('hi')
  })

  describe('what goes wrong', () => {
    test('in the run is told by an error, before the end', async () => {
      const stream = await whole('hi', { model: 'demo/fail?after=3&code=provider_bad_request' })
      expect(types(stream).slice(-5)).toEqual([
        'assistant_message_end',
        'error',
        'conversation_end',
        'complete',
        'close',
      ])
      expect(ofType(stream, 'assistant_message_end')).toMatchObject([{ partial: true }])
      expect(ofType(stream, 'error')).toEqual([
        { error_message: expect.stringContaining('did not accept the request'), code: 'provider_bad_request' },
      ])
      expect(ofType(stream, 'conversation_end')).toMatchObject([{ status: 'failed' }])
    })

    test('with a cursor that cannot be continued is told by an error that says what to load', async () => {
      const { session } = await whole('hi', { model: 'demo/echo' })
      const stream = await (await follow(session, '9-1', '&language=fr')).ended()
      expect(types(stream)).toEqual(['connection', 'error', 'complete', 'close'])
      expect(ofType(stream, 'error')).toEqual([
        { error_message: expect.stringContaining('rechargez les messages'), code: 'reset' },
      ])
    })

    test('where the session is erased is told by an error', async () => {
      const stream = await (await chat('Wait 0.1 seconds', { agent: 'demo-plan' })).until(isAsked)
      await ask(target(), `/v1/sessions/${stream.session}`, { method: 'DELETE' })
      await stream.ended()
      expect(types(stream).slice(-3)).toEqual(['error', 'complete', 'close'])
      expect(ofType(stream, 'error')).toMatchObject([{ code: 'session_erased' }])
      const body = { session_id: stream.session, dialogue_history: [said('hi')] }
      expect(await askJson(target(), PATH, { body })).toMatchObject({ status: 410, json: { code: 'session_erased' } })
    })

    const session_id = newSession()
    const dialogue_history = [said('hi')]
    const good = { session_id, dialogue_history }
    const refused: [name: string, status: number, code: string, asking: Asking][] = [
      ['no token', 401, 'missing_key', { body: good, key: null }],
      ['a wrong token', 401, 'invalid_key', { body: good, key: 'wrong' }],
      ['an agent that is not there', 400, 'unknown_agent', { body: { ...good, agent: 'nobody' } }],
      ['a model that is not there', 400, 'unknown_model', { body: { ...good, model: 'nothing' } }],
      ['no session', 400, 'invalid_body', { body: { dialogue_history } }],
      ['no history', 400, 'invalid_body', { body: { session_id } }],
      ['an empty history', 400, 'invalid_body', { body: { ...good, dialogue_history: [] } }],
      [
        'a history in which nobody asks',
        400,
        'invalid_body',
        { body: { session_id, dialogue_history: [said('x', 'assistant')] } },
      ],
      ['a heartbeat that is too fast', 400, 'invalid_body', { body: { ...good, heartbeat_interval: 0.5 } }],
      ['a heartbeat that is too slow', 400, 'invalid_body', { body: { ...good, heartbeat_interval: 301 } }],
      ['no JSON', 400, 'malformed_json', { body: '{' }],
      [
        'a message of more than 128 KiB',
        413,
        'message_too_large',
        { body: { session_id, dialogue_history: [said('x'.repeat(131_073))] } },
      ],
      [
        'metadata of more than 16 KiB',
        413,
        'metadata_too_large',
        { body: { ...good, session_metadata: { a: 'x'.repeat(16_384) } } },
      ],
      ['a body of more than 1 MiB', 413, 'body_too_large', { body: { ...good, theirs: 'x'.repeat(1_048_576) } }],
      ['nothing to resume', 400, 'invalid_id', { method: 'GET' }],
      ['a cursor that is none', 400, 'malformed_cursor', { body: good, headers: { 'last-event-id': 'x' } }],
    ]
    test.each(refused)('%s is %i %s', async (_, status, code, asking) => {
      const { json, ...told } = await askJson(target(), PATH, asking)
      expect({ status: told.status, code: json['code'] }).toEqual({ status, code })
      expect(json['detail']).toEqual(expect.any(String))
    })
  })

  test('the status says how Spool does', async () => {
    const { status, json } = await askJson(target(), '/api/status')
    expect(status).toBe(200)
    expect(json).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      status: 'ready',
      sessions: expect.any(Number),
      open_streams: expect.any(Number),
      counters: { streams_opened: expect.any(Number) },
      dependencies: expect.any(Object),
    })
    expect((await askJson(target(), '/api/status', { key: null })).status).toBe(401)
    expect((await ask(target(), '/health', { key: null })).status).toBe(200)
  })

  describe('the client that people write', () => {
    const printed =
      /\[connection\] .*\[conversation_start\] .*\[tool_call_start\] design_document.*\[design_document_generated\] .*\.md.*\[assistant_message_start\] .*\[conversation_end\] .*\[complete\] .*\[close\] /s
    test('runs as it is, in JavaScript', async () => {
      expect(await runExample(target(), 'planner.mjs', 'Write a design document about tea')).toMatch(printed)
    })

    test.skipIf(!hasPython)('runs as it is, in Python (skipped where there is no python3)', async () => {
      expect(await runExample(target(), 'planner.py', 'Write a design document about tea')).toMatch(printed)
    })
  })
}
