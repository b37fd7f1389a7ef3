import { describe, expect, test } from 'vitest'
import { type Asking, ask, askJson, ChatStream } from './support/chat-stream.ts'
import { hasPython, runExample } from './support/example-client.ts'
import type { Target } from './support/target.ts'

const PATH = '/api/v1/chat/stream'
const PLAN = { agent: 'demo-plan', language: 'zh-CN', message: '等待 0.1 秒，然后寄明信片' }

/** What a frame is where nothing else is said of it. */
const NOTHING = {
  chunk: expect.any(String),
  session_id: expect.any(String),
  finished: false,
  chunk_type: expect.any(String),
  metadata: {},
  confirmation_data: null,
  requires_response: false,
  stream_paused: false,
}

const types = (stream: ChatStream) => stream.jsons.map(({ chunk_type }) => chunk_type)
const isAsked = (round = 1) => {
  return (stream: ChatStream) => types(stream).filter((type) => type === 'confirmation_request').length === round
}
const ofType = (stream: ChatStream, type: string) => stream.jsons.filter(({ chunk_type }) => chunk_type === type)
const answerOf = (stream: ChatStream) =>
  ofType(stream, 'content')
    .map(({ chunk }) => chunk)
    .join('')
const yes = (message: string) => ({ session_id: 'some', message })

/** Each kind of frame once where several follow each other. */
const course = (stream: ChatStream) => types(stream).filter((type, index, all) => type !== all[index - 1])

/** Whoever speaks this dialect must be answered like this. */
export function confirmationConformance(target: () => Target): void {
  const chat = (body: unknown, asking: Asking = {}) => ChatStream.open(target(), PATH, { body, ...asking })
  const say = async (session_id: string, message: string, more: object = {}) => {
    return (await chat({ session_id, message, ...more })).ended()
  }
  const asked = async (body: object = PLAN) => (await chat(body)).until(isAsked())

  describe('without questions', () => {
    test('is an ordinary streaming chat', async () => {
      const stream = await (await chat({ message: 'Hello there', model: 'demo/echo' })).ended()
      expect(stream.response.status).toBe(200)
      expect(stream.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
      expect(stream.response.headers.get('x-spool-run')).toMatch(/^\w+$/)
      expect(course(stream)).toEqual(['task_init', 'content', 'completion'])
      expect(answerOf(stream)).toBe('Hello there')
      for (const { id, event, json } of stream.frames) {
        expect(Object.keys(json)).toEqual(Object.keys(NOTHING))
        expect(json['session_id']).toBe(stream.session)
        expect([id, event]).toEqual([expect.stringMatching(/^1-\d+$/), undefined])
      }
      for (const frame of stream.jsons.slice(0, -1)) expect(frame).toEqual(NOTHING)
      expect(stream.jsons[0]!['chunk']).toBe('Planning the task…')
      expect(stream.jsons.at(-1)).toEqual({ ...NOTHING, chunk: 'The task is complete.', finished: true })
    })

    test('begins a session where none is named, with a title in the language, and goes on in one that is', async () => {
      const first = await (await chat({ message: 'one', model: 'demo/echo', language: 'zh' })).ended()
      const { json } = await askJson(target(), `/v1/sessions/${first.session}`)
      expect(json['session']).toMatchObject({ title: '新对话' })
      const second = await say(first.session, 'two', { model: 'demo/echo' })
      expect(second.session).toBe(first.session)
      const session_id = Math.floor(Math.random() * 1e12)
      const numbered = await (await chat({ message: 'hi', model: 'demo/echo', session_id })).ended()
      expect(numbered.jsons[0]!['session_id']).toBe(String(session_id))
    })

    test('takes null for a field that is left out, and lets fields be that it does not know', async () => {
      const nothing = { session_id: null, agent: null, model: 'demo/echo', language: null, on_disconnect: null }
      expect(answerOf(await (await chat({ message: 'hi', ...nothing, theirs: [1] })).ended())).toBe('hi')
    })

    test('shows tools at work and what they gave', async () => {
      const calls = [
        [{ name: 'demo_wait', input: { seconds: 0.1, steps: 2 } }],
        [{ name: 'demo_postcard', input: { to: 'Ada', text: 'Hi' } }, { name: 'nothing' }],
      ]
      const stream = await (await chat({ agent: 'calls', language: 'zh', message: JSON.stringify(calls) })).ended()
      const updates = ofType(stream, 'status_update')
      expect(updates[0]).toEqual({ ...NOTHING, chunk: '开始执行...' })
      const wait = { call: expect.any(String), name: 'demo_wait' }
      expect(updates.slice(1, 3)).toEqual([
        { ...NOTHING, chunk: '正在执行 demo_wait...', metadata: { ...wait, progress: 0 } },
        { ...NOTHING, chunk: '第 1 步，共 2 步…', metadata: { ...wait, progress: 0.5 } },
      ])
      const outputs = ofType(stream, 'tool_output')
      const byName = (name: string) => outputs.find(({ metadata }) => (metadata as { name: string }).name === name)!
      expect(byName('demo_wait')['chunk']).toBe('{"waited_seconds":0.1}')
      expect(byName('demo_wait')['metadata']).toEqual({ ...wait, ok: true })
      expect(JSON.parse(byName('demo_postcard')['chunk'] as string)).toMatchObject({ to: 'Ada', sent: false })
      expect(byName('nothing')).toMatchObject({ chunk: expect.stringContaining('nothing'), metadata: { ok: false } })
      expect(course(stream).at(-1)).toBe('completion')
    })
  })

  describe.concurrent('with a question', () => {
    test('is paused until a second request answers, and then goes on to the end', async () => {
      const stream = await asked()
      const request = stream.jsons.at(-1)!
      const { tasks } = request['confirmation_data'] as { tasks: { description: string }[] }
      expect(request).toEqual({
        ...NOTHING,
        session_id: stream.session,
        chunk: `请确认执行以下2个任务：\n1. ${tasks[0]!.description}\n2. ${tasks[1]!.description}`,
        chunk_type: 'confirmation_request',
        requires_response: true,
        stream_paused: true,
        confirmation_data: {
          tasks: [
            { index: 1, description: '等待 0.1 秒 (demo_wait {"seconds":0.1})', tool: 'demo_wait' },
            {
              index: 2,
              description: expect.stringMatching(/^给.*寄.*\(demo_postcard \{.*\}\)$/),
              tool: 'demo_postcard',
            },
          ],
          options: ['confirm', 'modify', 'cancel'],
          timeout_seconds: 300,
          confirmation_round: 1,
        },
        metadata: { confirmation: expect.any(String), deadline: expect.any(String) },
      })
      const { frames, comments } = stream
      const until = comments + 3
      await stream.until(() => stream.comments >= until)
      expect(frames.at(-1)!.json['stream_paused'], 'nothing but signs of life').toBe(true)

      const received = await say(stream.session, 'CONFIRM_ACTION:confirm')
      expect(received.response.headers.get('x-spool-run')).toBe(stream.response.headers.get('x-spool-run'))
      expect(received.frames.map(({ id, json }) => [id, json])).toEqual([
        [
          undefined,
          {
            ...NOTHING,
            session_id: stream.session,
            chunk: '确认已接收，继续执行...',
            chunk_type: 'confirmation_received',
            finished: true,
            metadata: { action: 'confirm' },
          },
        ],
      ])
      await stream.ended()
      expect(course(stream)).toEqual([
        'task_init',
        'status',
        'confirmation_request',
        'status_update',
        'tool_output',
        'status_update',
        'tool_output',
        'status_update',
        'content',
        'completion',
      ])
      const said = stream.jsons.filter(({ chunk_type }) => /init|status$|completion/.test(chunk_type as string))
      expect(said.map(({ chunk }) => chunk)).toEqual(['开始规划任务...', '正在规划任务…', '任务完成'])
      expect(stream.jsons.map(({ finished }) => finished)).toEqual([...stream.jsons.slice(1).map(() => false), true])
    })

    test('asks again after each modify, three times', async () => {
      const stream = await asked()
      for (const [index, change] of ['等待 0.2 秒: 好:吗', '等待 0.3 秒', '等待 0.4 秒'].entries()) {
        const received = await say(stream.session, `CONFIRM_ACTION:modify:${change}`)
        expect(received.jsons).toMatchObject([{ chunk_type: 'confirmation_received', metadata: { action: 'modify' } }])
        await stream.until(isAsked(index + 2))
        const again = stream.jsons.at(-1)!
        expect(again).toMatchObject({ stream_paused: true, confirmation_data: { confirmation_round: index + 2 } })
        expect(again['chunk']).toContain(change)
      }
      await say(stream.session, 'CONFIRM_ACTION:confirm')
      await stream.ended()
      expect(stream.jsons.at(-1)).toMatchObject({ chunk_type: 'completion', chunk: '任务完成', finished: true })
      expect(ofType(stream, 'tool_output')[0]!['chunk']).toBe('{"waited_seconds":0.4}')
    })

    test('is over with cancel, and nothing is done', async () => {
      const stream = await asked()
      const received = await say(stream.session, 'CONFIRM_ACTION:cancel')
      expect(received.jsons).toMatchObject([{ chunk_type: 'confirmation_received', metadata: { action: 'cancel' } }])
      await stream.ended()
      const last = { chunk: '任务已取消', chunk_type: 'completion', finished: true, metadata: { status: 'cancelled' } }
      expect(stream.jsons.at(-1)).toEqual({ ...NOTHING, ...last })
      expect(types(stream)).not.toContain('status_update')
    })

    test('is over where nobody answers in time', async () => {
      const stream = await asked({ agent: 'impatient', language: 'zh', message: '几点了' })
      expect(stream.jsons.at(-1)).toMatchObject({ confirmation_data: { timeout_seconds: 1 } })
      await stream.ended()
      const last = { chunk: '确认超时或取消', chunk_type: 'error', finished: true }
      expect(stream.jsons.at(-1)).toEqual({ ...NOTHING, ...last })
      const late = await say(stream.session, 'CONFIRM_ACTION:confirm')
      expect(late.jsons).toMatchObject([{ chunk_type: 'error', chunk: '确认失败，请重试' }])
    })

    test('about a single tool is asked in the same way, one after another', async () => {
      const cards = ['Ada', 'Bob'].map((to) => ({ name: 'demo_postcard', input: { to, text: 'Hi' } }))
      const stream = await asked({ agent: 'asks', message: JSON.stringify([cards]) })
      expect(stream.jsons.at(-1)).toMatchObject({
        chunk: expect.stringMatching(/^Please confirm these tasks \(1\):\n1\. .* \(demo_postcard \{"to":"Ada",.*\}\)$/),
        confirmation_data: { tasks: [{ index: 1, tool: 'demo_postcard' }], confirmation_round: 1 },
      })
      const answers = await Promise.all([1, 2].map(() => say(stream.session, 'CONFIRM_ACTION:confirm')))
      await stream.until(isAsked(2))
      expect(ofType(stream, 'confirmation_request')[1]!['chunk']).toContain('Bob')
      // Which of two yeses that cross the second question it is for, nobody can know; one of them is for the first.
      expect(answers.map((one) => types(one)[0])).toContain('confirmation_received')
      stream.cut()
    })

    test('may be answered from another device; of all answers one counts', async () => {
      const stream = await asked()
      const { confirmation } = stream.jsons.at(-1)!['metadata'] as { confirmation: string }
      const path = `/v1/sessions/${stream.session}/confirmations/${confirmation}`
      const elsewhere = await askJson(target(), path, { body: { action: 'cancel', user: 'ada' } })
      expect(elsewhere).toMatchObject({ status: 200, json: { status: 'accepted' } })
      await stream.ended()
      expect(stream.jsons.at(-1)).toMatchObject({ chunk_type: 'completion', metadata: { status: 'cancelled' } })
      const tooLate = await say(stream.session, 'CONFIRM_ACTION:confirm')
      const nothing = { chunk: '确认失败，请重试', chunk_type: 'error', finished: true }
      expect([tooLate.response.status, tooLate.jsons]).toEqual([200, [{ ...NOTHING, ...nothing }]])

      const other = await asked()
      const answers = await Promise.all(
        ['cancel', 'confirm', 'confirm', 'cancel'].map((action) => say(other.session, `CONFIRM_ACTION:${action}`)),
      )
      const told = answers.map((one) => one.jsons[0]!)
      const taken = told.filter(({ chunk_type }) => chunk_type === 'confirmation_received')
      expect(taken).toHaveLength(1)
      expect(told.filter(({ chunk_type }) => chunk_type === 'error')).toHaveLength(3)
      await other.ended()
      const isCancelled = (other.jsons.at(-1)!['metadata'] as { status?: string }).status === 'cancelled'
      expect(isCancelled).toBe((taken[0]!['metadata'] as { action: string }).action === 'cancel')
    })

    test('answered twice under one key is told the same twice', async () => {
      const stream = await asked()
      const body = { session_id: stream.session, message: 'CONFIRM_ACTION:cancel' }
      const headers = { 'idempotency-key': 'my-answer' }
      for (const answer of [await chat(body, { headers }), await chat(body, { headers })]) {
        expect((await answer.ended()).jsons).toMatchObject([{ chunk_type: 'confirmation_received' }])
      }
      expect((await stream.ended()).jsons.at(-1)).toMatchObject({ metadata: { status: 'cancelled' } })
    })

    test('lets an ordinary message wait, whose stream begins when its turn comes', async () => {
      const stream = await asked()
      const next = await chat({
        session_id: stream.session,
        message: 'CONFIRM_ACTIONS, what are they?',
        agent: 'demo',
        model: 'demo/echo',
      })
      const comments = next.comments + 2
      await next.until(() => next.comments >= comments)
      expect(next.frames).toEqual([])
      await say(stream.session, 'CONFIRM_ACTION:cancel')
      await next.ended()
      expect(course(next)).toEqual(['task_init', 'content', 'completion'])
      expect(answerOf(next)).toBe('CONFIRM_ACTIONS, what are they?')
    })

    test('survives that its client leaves, and is answered from where it comes back', async () => {
      const left = await asked()
      left.cut()
      const { id } = left.frames.at(-1)!
      const query = `?session_id=${left.session}&after=${id}`
      const got = await ChatStream.open(target(), `${PATH}${query}`)
      const posted = await chat({ ...PLAN, session_id: left.session }, { headers: { 'last-event-id': id! } })
      for (const back of [got, posted]) {
        expect(back.response.headers.get('x-spool-run')).toBe(left.response.headers.get('x-spool-run'))
        const comments = back.comments + 2
        await back.until(() => back.comments >= comments)
        expect(back.frames).toEqual([])
      }
      await say(left.session, 'CONFIRM_ACTION:confirm')
      await Promise.all([got.ended(), posted.ended()])
      expect(got.datas).toEqual(posted.datas)
      expect(course(got).at(-1)).toBe('completion')
      const whole = await (await ChatStream.open(target(), `${PATH}?session_id=${left.session}`)).ended()
      expect(whole.datas).toEqual([...left.datas, ...got.datas])
    })
  })

  test('goes on with the next frame wherever it was cut, and starts nothing', async () => {
    const stream = await asked()
    await say(stream.session, 'CONFIRM_ACTION:confirm')
    await stream.ended()
    for (const [index, { id }] of stream.frames.entries()) {
      const rest = stream.frames.slice(index + 1)
      const got = await (await ChatStream.open(target(), `${PATH}?session_id=${stream.session}&after=${id}`)).ended()
      expect(got.frames).toEqual(rest)
      const posted = await chat({ ...PLAN, session_id: stream.session }, { headers: { 'last-event-id': id! } })
      expect((await posted.ended()).frames).toEqual(rest)
    }
    const { json } = await askJson(target(), `/v1/sessions/${stream.session}/messages`)
    expect((json['messages'] as { role: string }[]).filter(({ role }) => role === 'user')).toHaveLength(1)
  })

  describe('what goes wrong', () => {
    test('in the run is told by an error, with which it ends', async () => {
      const stream = await (await chat({ message: 'hi', model: 'demo/fail?after=3&code=provider_bad_request' })).ended()
      expect(course(stream)).toEqual(['task_init', 'content', 'error'])
      const failed = { chunk_type: 'error', finished: true, metadata: { code: 'provider_bad_request' } }
      expect(stream.jsons.at(-1)).toEqual({ ...NOTHING, ...failed })
      expect(stream.jsons.at(-1)!['chunk']).toContain('did not accept the request')
    })

    test('with a cursor that cannot be continued is told by an error that says what to load', async () => {
      const { session } = await (await chat({ message: 'hi', model: 'demo/echo' })).ended()
      const stream = await (await ChatStream.open(target(), `${PATH}?session_id=${session}&after=9-1`)).ended()
      const chunk = 'What you have of this conversation cannot be continued. Load its messages again.'
      expect(stream.jsons).toEqual([{ ...NOTHING, session_id: session, chunk, chunk_type: 'error', finished: true }])
    })

    const refused: [name: string, status: number, code: string, asking: Asking][] = [
      ['no token', 401, 'missing_key', { body: { message: 'hi' }, key: null }],
      ['a wrong token', 401, 'invalid_key', { body: { message: 'hi' }, key: 'wrong' }],
      ['an agent that is not there', 400, 'unknown_agent', { body: { message: 'hi', agent: 'nobody' } }],
      ['a model that is not there', 400, 'unknown_model', { body: { message: 'hi', model: 'nothing' } }],
      ['no message', 400, 'invalid_body', { body: {} }],
      ['an empty message', 400, 'invalid_body', { body: { message: '' } }],
      ['a message that is no text', 400, 'invalid_body', { body: { message: { text: 'hi' } } }],
      ['a session that cannot be', 400, 'invalid_body', { body: { message: 'hi', session_id: 'a.b' } }],
      ['no JSON', 400, 'malformed_json', { body: '{' }],
      ['a message of more than 128 KiB', 413, 'message_too_large', { body: { message: 'x'.repeat(131_073) } }],
      ['an action that is none', 400, 'invalid_body', { body: yes('CONFIRM_ACTION:maybe') }],
      ['an action in capitals', 400, 'invalid_body', { body: yes('CONFIRM_ACTION:Confirm') }],
      ['a yes with a but', 400, 'invalid_body', { body: yes('CONFIRM_ACTION:confirm:but only the first') }],
      ['no action', 400, 'invalid_body', { body: yes('CONFIRM_ACTION:') }],
      ['not even a colon', 400, 'invalid_body', { body: yes('CONFIRM_ACTION') }],
      ['modify without a text', 400, 'confirmation_needs_text', { body: yes('CONFIRM_ACTION:modify') }],
      ['modify with white space', 400, 'confirmation_needs_text', { body: yes('CONFIRM_ACTION:modify: \n') }],
      [
        'modify with more than 32 KiB',
        413,
        'message_too_large',
        { body: yes(`CONFIRM_ACTION:modify:${'é'.repeat(16_385)}`) },
      ],
      ['an answer to no session', 400, 'invalid_body', { body: { message: 'CONFIRM_ACTION:confirm' } }],
      ['nothing to resume', 400, 'invalid_id', { method: 'GET' }],
      ['a cursor that is none', 400, 'malformed_cursor', { body: yes('hi'), headers: { 'last-event-id': 'x' } }],
    ]
    test.each(refused)('%s is %i %s', async (_, status, code, asking) => {
      const { json, ...answer } = await askJson(target(), PATH, asking)
      expect({ status: answer.status, code: json['code'] }).toEqual({ status, code })
      expect(json['detail']).toEqual(expect.any(String))
    })

    test('a session that is not there is not found; one that was erased is gone', async () => {
      const answer = { message: 'CONFIRM_ACTION:confirm', session_id: `no-${Date.now()}` }
      const nowhere = await askJson(target(), PATH, { body: answer })
      expect(nowhere).toMatchObject({ status: 404, json: { code: 'session_not_found' } })
      const stream = await asked()
      expect((await ask(target(), `/v1/sessions/${stream.session}`, { method: 'DELETE' })).ok).toBe(true)
      await stream.ended()
      expect(stream.jsons.at(-1)).toMatchObject({ chunk_type: 'error', finished: true })
      const body = { session_id: stream.session, message: 'CONFIRM_ACTION:confirm' }
      expect(await askJson(target(), PATH, { body })).toMatchObject({ status: 410, json: { code: 'session_erased' } })
    })
  })

  describe('the client that people write', () => {
    const printed =
      /\[task_init\] .*\[confirmation_request\] .*\[confirmation_received\] .*\[tool_output\] .*Done\. .*\[completion\] /s
    test('runs as it is, in JavaScript', async () => {
      expect(await runExample(target(), 'confirmation.mjs', 'Send a postcard to Ada')).toMatch(printed)
    })

    test.skipIf(!hasPython)('runs as it is, in Python (skipped where there is no python3)', async () => {
      expect(await runExample(target(), 'confirmation.py', 'Send a postcard to Ada')).toMatch(printed)
    })
  })
}
