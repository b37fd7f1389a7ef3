import { describe, expect, test } from 'vitest'
import { type Asking, ask, askJson, ChatStream } from './support/chat-stream.ts'
import { hasPython, runExample } from './support/example-client.ts'
import type { Target } from './support/target.ts'

const pathOf = (agent: string) => `/api/v1/agents/${agent}/chat/stream`
const ECHO = { model: 'demo/echo' }
const chunk = (chunk_type: string, fields: object = {}) => ({
  chunk_type,
  content: null,
  tool_call: null,
  memories_count: null,
  ...fields,
})

const types = (stream: ChatStream) => stream.jsons.map(({ chunk_type }) => chunk_type)
/** Each kind of frame once where several follow each other. */
const course = (stream: ChatStream) => types(stream).filter((type, index, all) => type !== all[index - 1])
const ofType = (stream: ChatStream, type: string) => stream.jsons.filter(({ chunk_type }) => chunk_type === type)
const answerOf = (stream: ChatStream) =>
  ofType(stream, 'content')
    .map(({ content }) => content)
    .join('')

/** Whoever speaks this dialect must be answered like this. */
export function agentConformance(target: () => Target): void {
  const chat = (agent: string, body: unknown, asking: Asking = {}) =>
    ChatStream.open(target(), pathOf(agent), { body, ...asking })
  const said = async (agent: string, body: object) => (await chat(agent, body)).ended()
  const cancel = (stream: ChatStream) => {
    const run = stream.response.headers.get('x-spool-run')
    return ask(target(), `/v1/sessions/${stream.session}/runs/${run}/cancel`, { body: {} })
  }
  const whole = (body: object) => askJson(target(), pathOf('demo'), { body: { message: 'hi', stream: false, ...body } })
  const runOf = async (stream: ChatStream) => {
    const run = stream.response.headers.get('x-spool-run')
    const { json } = await askJson(target(), `/v1/sessions/${stream.session}/runs/${run}`)
    return json['run'] as Record<string, unknown>
  }

  test('a stream is start, the answer in pieces, done, each frame with all its fields', async () => {
    const stream = await said('demo', { message: 'Hello there', ...ECHO })
    expect(stream.response.status).toBe(200)
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(course(stream)).toEqual(['start', 'content', 'done'])
    expect(answerOf(stream)).toBe('Hello there')
    expect(stream.frames.at(0)).toEqual({ data: JSON.stringify(chunk('start')), json: chunk('start') })
    expect(stream.frames.at(-1)).toEqual({ data: JSON.stringify(chunk('done')), json: chunk('done') })
    for (const frame of stream.frames.slice(1, -1)) {
      expect(frame).toMatchObject({ id: expect.stringMatching(/^1-\d+$/) })
      expect(frame.event).toBeUndefined()
      expect(frame.json).toEqual(chunk('content', { content: expect.any(String) }))
    }
  })

  test('fields may be null or left out, and what is not known is let be', async () => {
    const nothing = { stream: null, session_id: null, user_id: null, metadata: null, language: null, model: null }
    const stream = await said('demo', { message: 'hi', ...nothing, theirs: 1 })
    expect(course(stream)).toEqual(['start', 'content', 'done'])
    const session_id = Math.floor(Math.random() * 1e12)
    const more = { session_id, user_id: 7, metadata: { ticket: 'x' }, stream: true }
    const numbered = await said('demo', { message: 'hi', ...more, ...ECHO })
    expect(numbered.session).toBe(String(session_id))
    expect(await runOf(numbered)).toMatchObject({ agent: 'demo', user: '7', metadata: { ticket: 'x', user: 7 } })
  })

  test('tools are told of when they are called, how far they have come, and what came of them', async () => {
    const calls = [[{ name: 'demo_wait', input: { seconds: 0.1, steps: 2 } }], [{ name: 'nothing', input: { a: 1 } }]]
    const stream = await said('calls', { message: JSON.stringify(calls) })
    const told = ofType(stream, 'tool_call').map(({ tool_call }) => tool_call as Record<string, unknown>)
    const call_id = told[0]!['call_id']
    const wait = { tool_name: 'demo_wait', arguments: { seconds: 0.1, steps: 2 }, call_id }
    const ofWait = told.filter((one) => one['call_id'] === call_id)
    expect(ofWait.at(0)).toEqual({ ...wait, status: 'started', result: null })
    expect(ofWait.at(-1)).toEqual({ ...wait, status: 'completed', result: { waited_seconds: 0.1 } })
    const reports = ofWait.slice(1, -1)
    expect(reports.length).toBeGreaterThan(0)
    for (const report of reports) {
      const result = { progress: expect.any(Number), text: expect.any(String) }
      expect(report).toEqual({ ...wait, status: 'progress', result })
    }
    const nothing = { tool_name: 'nothing', arguments: { a: 1 }, call_id: expect.any(String) }
    expect(told.slice(ofWait.length)).toEqual([
      { ...nothing, status: 'started', result: null },
      { ...nothing, status: 'failed', result: expect.stringContaining('no tool "nothing"') },
    ])
    for (const frame of ofType(stream, 'tool_call')) {
      expect(frame).toEqual(chunk('tool_call', { tool_call: frame['tool_call'] }))
    }
    expect(course(stream).slice(-3)).toEqual(['tool_call', 'content', 'done'])
  })

  test('memories come after the answer: how many so far, then each new one; then done', async () => {
    const user_id = `ada-${Date.now()}`
    const stream = await said('demo-memory', { message: 'My name is Ada. I like green tea.', user_id })
    expect(course(stream)).toEqual(['start', 'content', 'memory_update', 'done'])
    const told = ofType(stream, 'memory_update')
    const texts = told.flatMap(({ content }) => (content === null ? [] : [content]))
    expect(texts.join()).toMatch(/Ada[^]*tea/)
    expect(told[0]).toEqual(chunk('memory_update', { memories_count: texts.length }))
    expect(told.slice(1)).toEqual(
      texts.map((content) => chunk('memory_update', { content, memories_count: texts.length })),
    )
    const { json } = await askJson(target(), `/v1/memories?user=${user_id}`)
    expect((json['memories'] as object[]).length).toBe(texts.length)
  })

  test('a question is answered elsewhere: meanwhile the stream is kept alive and says nothing', async () => {
    const stream = await chat('demo-plan', { message: 'Send a postcard to Ada' })
    const asked = async () => {
      const { json } = await askJson(target(), `/v1/sessions/${stream.session}/confirmations`)
      return (json['confirmations'] as { id: string }[] | undefined)?.[0]?.id
    }
    let question: string | undefined
    await stream.until(() => stream.comments > 0)
    while (question === undefined) question = await asked()
    const comments = stream.comments + 2
    await stream.until(() => stream.comments >= comments)
    expect(types(stream)).toEqual(['start'])
    expect(stream.raw).toContain('\n: keep-alive\n\n')
    const path = `/v1/sessions/${stream.session}/confirmations/${question}`
    expect((await ask(target(), path, { body: { action: 'confirm' } })).status).toBe(200)
    await stream.ended()
    expect(course(stream)).toEqual(['start', 'tool_call', 'content', 'done'])

    const unanswered = await said('impatient', { message: 'what time is it?' })
    expect(unanswered.jsons).toEqual([
      chunk('start'),
      chunk('error', { content: expect.stringContaining('Nobody answered the question in time') }),
    ])
  })

  test('a run that fails or is cancelled ends with its error', async () => {
    const failed = await said('demo', { message: 'hi', model: 'demo/fail?after=3&code=provider_bad_request' })
    expect(course(failed)).toEqual(['start', 'content', 'error'])
    const content = expect.stringContaining('did not accept the request')
    expect(failed.jsons.at(-1)).toEqual(chunk('error', { content }))
    const cancelled = await chat('demo', { message: 'hi', language: 'fr', model: 'demo/hang?after=2' })
    await cancelled.until(() => types(cancelled).includes('content'))
    await cancel(cancelled)
    await cancelled.ended()
    expect(cancelled.jsons.at(-1)).toMatchObject({ chunk_type: 'error', content: expect.stringContaining('annulée') })
  })

  test('a stream that cannot be continued ends with an error that says what to do', async () => {
    const { session } = await said('demo', { message: 'hi', ...ECHO })
    const reset = await (await ChatStream.open(target(), `${pathOf('demo')}?session_id=${session}&after=9-1`)).ended()
    expect(reset.jsons).toEqual([
      chunk('start'),
      chunk('error', { content: expect.stringContaining('load the conversation again') }),
    ])
  })

  test('a stream goes on with the next frame wherever it was cut, and starts nothing', async () => {
    const calls = [[{ name: 'demo_wait', input: { seconds: 0.1, steps: 2 } }], [{ name: 'clock', input: {} }]]
    const body = { message: JSON.stringify(calls) }
    const memory = { message: 'My name is Ada. I like green tea.', user_id: `bob-${Date.now()}` }
    for (const [agent, sent] of [
      ['calls', body],
      ['demo-memory', memory],
    ] as const) {
      const stream = await said(agent, sent)
      for (const [index, { id }] of stream.frames.entries()) {
        if (id === undefined) continue
        const rest = [stream.frames[0], ...stream.frames.slice(index + 1)]
        const query = `?session_id=${stream.session}&after=${id}`
        const got = await (await ChatStream.open(target(), `${pathOf(agent)}${query}`)).ended()
        expect(got.frames).toEqual(rest)
        const again = { ...sent, session_id: stream.session }
        const posted = await chat(agent, again, { headers: { 'last-event-id': id } })
        expect((await posted.ended()).frames).toEqual(rest)
      }
      const all = await (await ChatStream.open(target(), `${pathOf(agent)}?session_id=${stream.session}`)).ended()
      expect(all.frames).toEqual(stream.frames)
      const { json } = await askJson(target(), `/v1/sessions/${stream.session}/messages`)
      expect((json['messages'] as { role: string }[]).filter(({ role }) => role === 'user')).toHaveLength(1)
    }
  })

  test('with `stream: false` the answer is one message', async () => {
    const { status, json, headers } = await whole(ECHO)
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    const about = { session_id: headers.get('x-spool-session'), message_id: expect.any(String) }
    expect(json).toEqual({ ...chunk('content', { content: 'hi' }), ...about })
    const failed = await whole({ model: 'demo/fail?after=3&code=provider_bad_request' })
    const why = expect.stringContaining('did not accept the request')
    expect(failed).toMatchObject({
      status: 502,
      json: { ...chunk('error', { content: why }), detail: why, code: 'provider_bad_request' },
    })
  })

  const POST = { body: { message: 'hi' } }
  const refused: [name: string, status: number, code: string, path: string, asking: Asking][] = [
    ['no token', 401, 'missing_key', pathOf('demo'), { ...POST, key: null }],
    ['a wrong token', 401, 'invalid_key', pathOf('demo'), { ...POST, key: 'wrong' }],
    ['no token to resume', 401, 'missing_key', `${pathOf('demo')}?session_id=s`, { key: null }],
    ['an agent that is not there', 404, 'unknown_agent', pathOf('nobody'), POST],
    ['an agent of others', 404, 'unknown_agent', pathOf('theirs'), POST],
    ['an agent with a long name', 404, 'unknown_agent', pathOf('x'.repeat(300)), POST],
    ['an agent with an odd name', 404, 'unknown_agent', pathOf('%E4%BD%A0%20%2F'), POST],
    ['to resume with one that is not there', 404, 'unknown_agent', `${pathOf('nobody')}?session_id=s`, {}],
    ['to resume with one of others', 404, 'unknown_agent', `${pathOf('theirs')}?session_id=s`, {}],
    ['a session that is not there', 404, 'session_not_found', `${pathOf('demo')}?session_id=not-there`, {}],
    ['a model that is not there', 400, 'unknown_model', pathOf('demo'), { body: { message: 'hi', model: 'nothing' } }],
    ['no message', 400, 'invalid_body', pathOf('demo'), { body: {} }],
    ['an empty message', 400, 'invalid_body', pathOf('demo'), { body: { message: '' } }],
    ['a stream that is no boolean', 400, 'invalid_body', pathOf('demo'), { body: { message: 'hi', stream: 'no' } }],
    ['metadata that is a list', 400, 'invalid_body', pathOf('demo'), { body: { message: 'hi', metadata: [] } }],
    ['a user that is neither', 400, 'invalid_body', pathOf('demo'), { body: { message: 'hi', user_id: {} } }],
    ['nothing to resume', 400, 'invalid_id', pathOf('demo'), { method: 'GET' }],
  ]
  test.each(refused)('%s is %i %s', async (_, status, code, path, asking) => {
    const { json, ...answer } = await askJson(target(), path, asking)
    expect({ status: answer.status, code: json['code'] }).toEqual({ status, code })
    expect(json['detail']).toEqual(expect.any(String))
  })

  test('an agent that is not there leaves no trace', async () => {
    const session_id = `nobody-${Date.now()}`
    expect((await ask(target(), pathOf('nobody'), { body: { message: 'hi', session_id } })).status).toBe(404)
    expect((await ask(target(), `/v1/sessions/${session_id}`)).status).toBe(404)
  })

  describe('the client that people write', () => {
    const printed = /^\n\[start\] \n.*Ada.*\n\[memory (\d)\] …\n.*\n\[memory \1\] .*tea.*\n\[done\] \n$/s
    test('runs as it is, in JavaScript', async () => {
      expect(await runExample(target(), 'agent.mjs')).toMatch(printed)
      const tools = await runExample(target(), 'agent.mjs', 'demo-tools', 'what time is it?')
      expect(tools).toMatch(/\n\[clock\] started\n\n\[clock\] completed\n.*\n\[done\] \n$/s)
    })

    test.skipIf(!hasPython)('runs as it is, in Python (skipped where there is no python3)', async () => {
      expect(await runExample(target(), 'agent.py', 'demo-memory', 'My name is Ada. I hate tea.')).toMatch(printed)
    })
  })
}
