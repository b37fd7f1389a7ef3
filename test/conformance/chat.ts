import { describe, expect, test } from 'vitest'
import { type Asking, ask, askJson, ChatStream } from './support/chat-stream.ts'
import { hasPython, runExample } from './support/example-client.ts'
import type { Target } from './support/target.ts'

const PATH = '/chat/stream'
const ECHO = { model: 'demo/echo' }

interface Listed {
  id: string
  role: string
  content: string
  timestamp: string
  metadata: Record<string, unknown>
}

const textOf = (stream: ChatStream) => stream.jsons.map(({ content }) => content ?? '').join('')
const isOver = (stream: ChatStream) => stream.datas.at(-1) === '[DONE]'
let sessions = 0
const newSession = () => `chat-${process.pid}-${Date.now()}-${++sessions}`

/** Whoever speaks this dialect must be answered like this. */
export function chatConformance(target: () => Target): void {
  const chat = (body: unknown, asking: Asking = {}) => ChatStream.open(target(), PATH, { body, ...asking })
  const said = async (body: object) => (await chat(body)).ended()
  const list = async (session: string, query = '') => {
    const { status, json } = await askJson(target(), `/sessions/${session}/messages${query}`)
    expect(status).toBe(200)
    return json as unknown as Listed[]
  }
  const cancel = (stream: ChatStream) => {
    const run = stream.response.headers.get('x-spool-run')
    return ask(target(), `/v1/sessions/${stream.session}/runs/${run}/cancel`, { body: {} })
  }

  const whole = (body: object) => askJson(target(), '/chat', { body })
  /** As soon as there is something to follow. */
  const following = async (session: string): Promise<ChatStream> => {
    for (;;) {
      const stream = await ChatStream.open(target(), `${PATH}?session_id=${session}`)
      if (stream.response.status === 200) return stream
    }
  }

  const storedAtDone = async () => {
    const session = newSession()
    const stream = await chat({ message: 'is it there?', session_id: session, ...ECHO })
    await stream.until(isOver)
    const [asked, answered] = await list(session)
    expect(asked).toMatchObject({ role: 'user', content: 'is it there?' })
    expect(answered).toMatchObject({ role: 'assistant', content: 'is it there?', metadata: {} })
    const { json } = await askJson(target(), `/v1/sessions/${session}/messages/${answered!.id}`)
    expect(json['message']).toMatchObject({ id: answered!.id, status: 'complete' })
    await stream.ended()
  }

  describe('a stream', () => {
    test('is the answer in pieces, and `[DONE]`', async () => {
      const stream = await said({ message: 'Hello there', ...ECHO })
      expect(stream.response.status).toBe(200)
      expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
      expect(stream.session).not.toBe('')
      expect(textOf(stream)).toBe('Hello there')
      expect(stream.frames.at(-1)).toEqual({ data: '[DONE]', json: {} })
      for (const frame of stream.frames.slice(0, -1)) {
        expect(Object.keys(frame.json)).toEqual(['content'])
        expect(frame).toMatchObject({ id: expect.stringMatching(/^1-\d+$/) })
        expect(frame.event).toBeUndefined()
      }
    })

    test('takes null for a field that is left out, a number for a session, and lets be what it does not know', async () => {
      const nothing = { config_id: null, agent: null, language: null, on_disconnect: null }
      const session_id = Math.floor(Math.random() * 1e12)
      const stream = await said({ message: 'hi', session_id, ...nothing, ...ECHO, theirs: [1] })
      expect([stream.session, textOf(stream)]).toEqual([String(session_id), 'hi'])
      expect(await list(stream.session)).toHaveLength(2)
    })

    test('tells of tools by what the agent says of them', async () => {
      const calls = [[{ name: 'clock', input: {} }], [{ name: 'calculator', input: { expression: '6*7' } }]]
      const stream = await said({ message: JSON.stringify(calls), config_id: 'calls' })
      expect(textOf(stream)).toContain('42')
      expect(isOver(stream)).toBe(true)
      const listed = await list(stream.session)
      expect(
        listed.map(({ role }) => role),
        'what has only called tools is not there',
      ).toEqual(['user', 'assistant'])
      expect(listed[1]!.content).toBe(textOf(stream))
    })

    test('does not wait for what is remembered afterwards', async () => {
      const stream = await said({ message: 'My name is Ada.', config_id: 'demo-memory' })
      expect(isOver(stream)).toBe(true)
      expect(stream.jsons.slice(0, -1).every(({ content }) => typeof content === 'string')).toBe(true)
    })

    test('is kept alive while a question waits, which is answered elsewhere, and goes on', async () => {
      const stream = await chat({ message: 'Send a postcard to Ada', config_id: 'demo-plan' })
      const asked = async () => {
        const { json } = await askJson(target(), `/v1/sessions/${stream.session}/confirmations`)
        return (json['confirmations'] as { id: string }[] | undefined)?.[0]?.id
      }
      let question: string | undefined
      await stream.until(() => stream.comments > 0)
      while (question === undefined) question = await asked()
      const comments = stream.comments + 2
      await stream.until(() => stream.comments >= comments)
      expect(stream.frames, 'nothing is said of it').toEqual([])
      const path = `/v1/sessions/${stream.session}/confirmations/${question}`
      expect((await ask(target(), path, { body: { action: 'confirm' } })).status).toBe(200)
      await stream.ended()
      expect(textOf(stream)).not.toBe('')
      expect(isOver(stream)).toBe(true)
    })

    test('ends with an error where nobody answers in time', async () => {
      const stream = await said({ message: '几点了', config_id: 'impatient', language: 'zh' })
      expect(stream.datas).toEqual([JSON.stringify({ error: '无人及时答复问题，因此已取消。所询问的操作均未执行。' })])
    })

    test('ends with an error where the run fails, and what there was is kept and marked', async () => {
      const stream = await said({ message: 'hi', language: 'zh', model: 'demo/fail?after=3&code=provider_bad_request' })
      const error = stream.jsons.at(-1)!
      expect(Object.keys(error)).toEqual(['error'])
      expect(error['error']).toEqual(expect.stringMatching(/\S/))
      expect(stream.datas).not.toContain('[DONE]')
      const [, partial] = await list(stream.session)
      expect(partial).toMatchObject({
        content: `${textOf(stream)}\n\n[流式中断]`,
        metadata: { partial: true, error: 'provider_failed', timestamp: expect.stringMatching(/^\d{4}-.*Z$/) },
      })
      const { json } = await askJson(target(), `/v1/sessions/${stream.session}/messages/${partial!.id}`)
      expect(json['message'], 'what is stored is pure').toMatchObject({ text: textOf(stream), partial: true })
    })

    test('ends with an error where the run is cancelled; where there was no text yet, nothing is kept', async () => {
      const stream = await chat({ message: 'hi', model: 'demo/hang?after=3' })
      await stream.until(() => stream.frames.length > 0 && stream.comments > 1)
      expect((await cancel(stream)).status).toBe(200)
      await stream.ended()
      expect(stream.jsons.at(-1)).toEqual({ error: 'The answer was cancelled. What there is of it is kept.' })
      expect((await list(stream.session))[1]!.metadata).toMatchObject({ partial: true, reason: 'cancelled' })

      const silent = await chat({ message: 'hi', model: 'demo/hang?after=0' })
      await silent.until(() => silent.comments > 1)
      await cancel(silent)
      await silent.ended()
      expect(silent.datas).toHaveLength(1)
      expect(await list(silent.session)).toMatchObject([{ role: 'user', content: 'hi' }])
    })

    test('ends with an error where its cursor cannot be continued, or its session is erased', async () => {
      const { session } = await said({ message: 'hi', ...ECHO })
      const reset = await (await ChatStream.open(target(), `${PATH}?session_id=${session}&after=9-1`)).ended()
      expect(reset.jsons).toEqual([{ error: expect.stringContaining('load the conversation again') }])
      const stream = await chat({ message: 'hi', session_id: session, model: 'demo/hang?after=1' })
      await stream.until(() => stream.frames.length > 0)
      expect((await ask(target(), `/v1/sessions/${session}`, { method: 'DELETE' })).status).toBe(200)
      await stream.ended()
      expect(stream.jsons.at(-1)).toEqual({ error: expect.stringContaining('erased') })
      for (const path of [`/sessions/${session}/messages`, `${PATH}?session_id=${session}`]) {
        expect(await askJson(target(), path)).toMatchObject({ status: 410, json: { code: 'session_erased' } })
      }
    })

    test('goes on with the next frame wherever it was cut, and starts nothing', async () => {
      const stream = await said({ message: 'one two three four five', session_id: newSession(), ...ECHO })
      const again = { message: 'one two three four five', session_id: stream.session, ...ECHO }
      for (const [index, { id }] of stream.frames.entries()) {
        if (id === undefined) continue
        const rest = stream.frames.slice(index + 1)
        const got = await (await ChatStream.open(target(), `${PATH}?session_id=${stream.session}&after=${id}`)).ended()
        expect(got.frames).toEqual(rest)
        const posted = await chat(again, { headers: { 'last-event-id': id } })
        expect((await posted.ended()).frames).toEqual(rest)
      }
      const all = await (await ChatStream.open(target(), `${PATH}?session_id=${stream.session}`)).ended()
      expect(all.frames).toEqual(stream.frames)
      expect(await list(stream.session)).toHaveLength(2)
    })

    test('that is continued is that of the run of its cursor, however many came since', async () => {
      const first = await said({ message: 'first', session_id: newSession(), ...ECHO })
      await said({ message: 'second', session_id: first.session, ...ECHO })
      const query = `?session_id=${first.session}&after=${first.frames[0]!.id}`
      const rest = await (await ChatStream.open(target(), `${PATH}${query}`)).ended()
      expect(rest.frames).toEqual(first.frames.slice(1))
    })
  })

  test('at the moment `[DONE]` arrives the answer is stored, with its real id; thirty times', async () => {
    const clients = Array.from({ length: 5 }, async () => {
      for (let n = 0; n < 6; n++) await storedAtDone()
    })
    await Promise.all(clients)
  })

  test('the session keeps the agent that `config_id` has named', async () => {
    const first = await said({ message: '2+2', session_id: newSession(), config_id: 'demo-tools' })
    const second = await said({ message: '3+4', session_id: first.session })
    const run = second.response.headers.get('x-spool-run')
    const { json } = await askJson(target(), `/v1/sessions/${first.session}/runs/${run}`)
    expect(json['run']).toMatchObject({ agent: 'demo-tools' })
    expect(textOf(second)).toContain('7')
  })

  describe('an answer in one piece', () => {
    test('is the session and the message', async () => {
      const { status, json, headers } = await whole({ message: 'hi there', ...ECHO })
      expect(status).toBe(200)
      expect(json).toEqual({ session_id: headers.get('x-spool-session'), message: 'hi there' })
      expect(await list(String(json['session_id']))).toHaveLength(2)
    })

    test('of a run that fails is 502, with what there was and why', async () => {
      const { status, json } = await whole({ message: 'hi', model: 'demo/fail?after=3&code=provider_bad_request' })
      const error = expect.stringContaining('did not accept the request')
      expect(status).toBe(502)
      expect(json).toMatchObject({ error, detail: error, code: 'provider_bad_request', message: expect.any(String) })
    })

    test('of a run that is cancelled is 409', async () => {
      const session_id = newSession()
      const answer = whole({ message: 'hi', session_id, model: 'demo/hang?after=3' })
      const stream = await following(session_id)
      await stream.until(() => stream.frames.length > 0)
      await cancel(stream)
      expect(await answer).toMatchObject({ status: 409, json: { code: 'run_cancelled', session_id } })
    })
  })

  describe('the list of messages', () => {
    test('is a bare array with these fields, in the order of the conversation', async () => {
      const { session } = await said({ message: 'one', session_id: newSession(), ...ECHO })
      await said({ message: 'two', session_id: session, ...ECHO })
      const listed = await list(session)
      expect(listed).toEqual(
        [
          ['user', 'one'],
          ['assistant', 'one'],
          ['user', 'two'],
          ['assistant', 'two'],
        ].map(([role, content]) => ({
          id: expect.stringMatching(/^\w{10,}$/),
          session_id: session,
          role,
          content,
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          metadata: {},
        })),
      )
      const times = listed.map(({ timestamp }) => timestamp)
      expect(times).toEqual(times.toSorted())
      expect(await list(session, '?limit=3')).toEqual(listed.slice(-3))
      expect(await list(session, '?limit=100&theirs=1')).toEqual(listed)
    })

    test('has what the model was sent and has answered, with `raw`', async () => {
      const { session } = await said({ message: 'one', session_id: newSession(), ...ECHO })
      const [user, assistant] = (await list(session, '?raw=true')) as unknown as Record<string, unknown>[]
      expect(user).toMatchObject({ raw_request: null, raw_response: null })
      expect(assistant!['raw_request']).toEqual({
        model: expect.any(String),
        messages: expect.arrayContaining([expect.objectContaining({ role: 'user' })]),
        temperature: null,
        max_tokens: null,
        stream: true,
      })
      expect(assistant!['raw_response']).toEqual({
        content: 'one',
        chunks: expect.any(Number),
        model: expect.any(String),
        finish_reason: 'stop',
        timestamp: expect.stringMatching(/Z$/),
      })
    })

    test('has no answer that is still being written', async () => {
      const stream = await chat({ message: 'hi', model: 'demo/hang?after=2' })
      await stream.until(() => stream.frames.length > 0)
      expect(await list(stream.session)).toMatchObject([{ role: 'user' }])
      await cancel(stream)
      await stream.ended()
    })
  })

  const refused: [name: string, status: number, code: string, path: string, asking: Asking][] = [
    ['no token', 401, 'missing_key', PATH, { body: { message: 'hi' }, key: null }],
    ['a wrong token', 401, 'invalid_key', PATH, { body: { message: 'hi' }, key: 'wrong' }],
    ['no token for the list', 401, 'missing_key', '/sessions/some/messages', { key: null }],
    ['an agent that is not there', 400, 'unknown_agent', PATH, { body: { message: 'hi', config_id: 'nobody' } }],
    ['the agent of others', 400, 'unknown_agent', PATH, { body: { message: 'hi', config_id: 'theirs' } }],
    ['a model that is not there', 400, 'unknown_model', '/chat', { body: { message: 'hi', model: 'nothing' } }],
    ['no message', 400, 'invalid_body', PATH, { body: {} }],
    ['an empty message', 400, 'invalid_body', '/chat', { body: { message: '' } }],
    ['a message that is no text', 400, 'invalid_body', PATH, { body: { message: ['hi'] } }],
    ['a session that cannot be', 400, 'invalid_body', PATH, { body: { message: 'hi', session_id: 'a.b' } }],
    ['no JSON', 400, 'malformed_json', PATH, { body: '{' }],
    ['nothing to resume', 400, 'invalid_id', PATH, { method: 'GET' }],
    ['a session that is not there', 404, 'session_not_found', `${PATH}?session_id=not-there`, {}],
    ['its list', 404, 'session_not_found', '/sessions/not-there/messages', {}],
    ['a limit that is none', 400, 'invalid_query', '/sessions/not-there/messages?limit=0', {}],
    ['a raw that is none', 400, 'invalid_query', '/sessions/not-there/messages?raw=maybe', {}],
    ['an id that is none', 400, 'invalid_id', '/sessions/a.b/messages', {}],
    ['a cursor that is none', 400, 'malformed_cursor', `${PATH}?session_id=s&after=x`, {}],
  ]
  test.each(refused)('%s is %i %s', async (_, status, code, path, asking) => {
    const { json, ...answer } = await askJson(target(), path, asking)
    expect({ status: answer.status, code: json['code'] }).toEqual({ status, code })
    expect(json['detail']).toEqual(expect.any(String))
  })

  describe('the client that people write', () => {
    test('runs as it is, in JavaScript', async () => {
      const printed = await runExample(target(), 'chat.mjs', 'Hello!', newSession())
      expect(printed).toMatch(/^(.*)\n\[user\] Hello! \(\w+\)\n\[assistant\] \1 \(\w+\)\n$/s)
    })

    test.skipIf(!hasPython)('runs as it is, in Python (skipped where there is no python3)', async () => {
      const printed = await runExample(target(), 'chat.py', 'Hello!', newSession())
      expect(printed).toMatch(/^(.*)\n\[user\] Hello! \(\w+\)\n\[assistant\] \1 \(\w+\)\n$/s)
    })
  })
}
