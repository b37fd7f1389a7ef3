import type { ServerResponse } from 'node:http'
import { LLMock } from '@copilotkit/aimock'
import type { RouteSettings } from '@spool/config'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import type { GenerateRequest } from '../../src/providers/provider.ts'
import { answerOf, userSays } from './answer-of.ts'
import { routeTo } from './route-to.ts'
import { toolRound, weatherTool } from './tool-round.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const model = 'qwen3'

const file = (mediaType: string, url: string) => ({ type: 'file', mediaType, url }) as const
const begin = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'application/x-ndjson' })

function askAt(baseUrl: string, request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) {
  const { keyEnv: _none, ...route } = routeTo('ollama', { baseUrl, model, ...about })
  return answerOf(openProvider(route), request)
}

describe('against a mock that others wrote', () => {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 4, logLevel: 'silent' })
  beforeAll(async () => {
    mock.onMessage('hello', { content: 'Hi there! How are you?' })
    mock.onMessage('weather', {
      content: 'Let me look.',
      toolCalls: [
        { name: 'weather', arguments: '{"city":"Oslo"}' },
        { name: 'weather', arguments: '{"city":"Rome"}' },
      ],
    })
    mock.onMessage('busy', { error: { message: 'Slow down' }, status: 429, retryAfter: 3 })
    mock.onMessage('down', { error: { message: 'The runner has died' }, status: 500 })
    mock.on({ userMessage: 'cut' }, { content: 'Once upon a time' }, { truncateAfterChunks: 2, latency: 10 })
    await mock.start()
  })
  afterAll(() => mock.stop())
  const ask = (said: string) => askAt(mock.url, { prompt: [userSays(said)] })

  test('text comes through in pieces, with its end', async () => {
    const answer = await ask('hello')
    expect(answer).toMatchObject({ text: 'Hi there! How are you?', reason: 'stop' })
    expect(answer.chunks.filter((chunk) => chunk.type === 'text').length).toBeGreaterThan(2)
  })

  test('several tool calls in one turn come through, each with an id of its own', async () => {
    const answer = await ask('weather')
    expect(answer).toMatchObject({ text: 'Let me look.', reason: 'tool_calls' })
    expect(answer.calls).toEqual([
      { name: 'weather', input: { city: 'Oslo' } },
      { name: 'weather', input: { city: 'Rome' } },
    ])
    const ids = answer.chunks.flatMap((chunk) => (chunk.type === 'tool-call' ? [chunk.call] : []))
    expect(new Set(ids).size).toBe(2)
  })

  test('its errors come through as what they are', async () => {
    expect((await ask('busy')).error).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 3000 })
    expect((await ask('down')).error).toMatchObject({ code: 'provider_unavailable', retryable: true })
    expect(await ask('cut')).toMatchObject({ reason: undefined, error: { code: 'provider_broken', retryable: true } })
  })
})

const line = (fields: object) => `${JSON.stringify({ model, created_at: '2026-11-20T09:50:00Z', ...fields })}\n`
const says = (message: object) => line({ message: { role: 'assistant', content: '', ...message }, done: false })
const end = (fields: object = {}) =>
  line({
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 9,
    eval_count: 4,
    ...fields,
  })
const call = (id: string, city: string) => ({ id, function: { index: 0, name: 'weather', arguments: { city } } })

describe('byte by byte', () => {
  let upstream: Upstream
  beforeEach(async () => {
    upstream = await startUpstream()
  })
  afterEach(() => upstream.close())
  const answer = (...lines: string[]) => upstream.answerWith((response) => begin(response).end(lines.join('')))
  const refuse = (status: number, error: string) =>
    upstream.answerWith((response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error })),
    )
  const ask = (request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) =>
    askAt(new URL(upstream.url).origin, request, about)

  test('the request has the conversation, the parameters and the tools, and lets nothing be left out', async () => {
    answer(says({ content: 'ok' }), end())
    const prompt = [{ role: 'system', content: 'Be brief.' } as const, ...toolRound()]
    const parameters = { temperature: 0.5, max_tokens: 100, stop: ['END'], seed: 7, top_p: 0.9 }
    await ask({ prompt, tools: [weatherTool], parameters })
    expect(upstream.requests[0]?.path).toBe('/api/chat')
    expect(upstream.requests[0]?.headers).not.toHaveProperty('authorization')
    expect(upstream.requests[0]?.body).toEqual({
      model,
      stream: true,
      truncate: false,
      options: { temperature: 0.5, num_predict: 100, stop: ['END'], seed: 7, top_p: 0.9 },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'And in Oslo?' },
        {
          role: 'assistant',
          content: '',
          thinking: 'I must look.',
          tool_calls: [{ id: 'c1', function: { name: 'weather', arguments: { city: 'Oslo' } } }],
        },
        { role: 'tool', tool_call_id: 'c1', tool_name: 'weather', content: '{"degrees":4}' },
      ],
      tools: [
        {
          type: 'function',
          function: { name: 'weather', description: 'Looks outside', parameters: { type: 'object' } },
        },
      ],
    })
  })

  test('a model is asked for with the window that the route sets', async () => {
    answer(says({ content: 'ok' }), end())
    await ask({}, { contextWindow: 32_768 })
    expect(upstream.requests[0]?.body['options']).toEqual({ num_ctx: 32_768 })
  })

  test.each([
    [400, 'prompt too long; exceeded max context length by 1200 tokens'],
    [400, '{"error":{"code":400,"message":"request (8889 tokens) exceeds the available context size (4096 tokens)"}}'],
    [400, 'the prompt is longer than the context length currently available to the model; shorten the prompt'],
    [400, 'the input length exceeds the context length'],
    [500, 'llama runner: context size exceeded'],
  ])('%i %j is a conversation that is too long, and the text says how to let it take more', async (status, said) => {
    refuse(status, said)
    const { error } = await ask()
    expect(error).toMatchObject({ code: 'provider_context_too_long', retryable: false })
    expect(error?.message).toContain('context_window')
  })

  test.each(['', '/', '/v1', '/api/'])('its address may be written with %j at its end', async (path) => {
    answer(says({ content: 'ok' }), end())
    expect((await ask({}, { baseUrl: new URL(upstream.url).origin + path })).text).toBe('ok')
    expect(upstream.requests[0]?.path).toBe('/api/chat')
  })

  test.each([
    ['none', false],
    ['minimal', 'low'],
    ['medium', 'medium'],
    ['xhigh', 'high'],
  ] as const)('reasoning %s is %j in its words', async (reasoning, think) => {
    answer(says({ content: 'ok' }), end())
    await ask({ parameters: { reasoning } })
    expect(upstream.requests[0]?.body['think']).toBe(think)
  })

  test('images are sent inline; what is no image is refused before any request', async () => {
    answer(says({ content: 'a cat' }), end())
    const cat = file('image/*', 'data:image/png;base64,iVBORw0KGgo=')
    await ask({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'Who?' }, cat] }] })
    expect(upstream.requests[0]?.body['messages']).toEqual([
      { role: 'user', content: 'Who?', images: ['iVBORw0KGgo='] },
    ])
    for (const other of [
      file('application/pdf', 'data:application/pdf;base64,JVBERi0='),
      file('image/*', 'https://example.org/cat.jpg'),
    ]) {
      const { error } = await ask({ prompt: [{ role: 'user', content: [other] }] })
      expect(error).toMatchObject({ code: 'provider_unsupported', message: expect.stringContaining('data: URL') })
    }
    expect(upstream.requests).toHaveLength(1)
  })

  test('thoughts, text, calls and usage come through', async () => {
    answer(
      says({ thinking: 'I must ' }),
      says({ thinking: 'look.' }),
      says({ content: 'One ' }),
      says({ content: 'moment.', tool_calls: [call('a', 'Oslo'), call('b', 'Rome')] }),
      end(),
    )
    expect((await ask()).chunks).toEqual([
      { type: 'reasoning', text: 'I must ' },
      { type: 'reasoning', text: 'look.' },
      { type: 'text', text: 'One ' },
      { type: 'text', text: 'moment.' },
      { type: 'tool-input', call: 'a', name: 'weather', text: '{"city":"Oslo"}' },
      { type: 'tool-call', call: 'a', name: 'weather', input: { city: 'Oslo' } },
      { type: 'tool-input', call: 'b', name: 'weather', text: '{"city":"Rome"}' },
      { type: 'tool-call', call: 'b', name: 'weather', input: { city: 'Rome' } },
      {
        type: 'finish',
        reason: 'tool_calls',
        usage: { input_tokens: 9, output_tokens: 4, cached_tokens: 0, reasoning_tokens: 0 },
        response: { model, finish_reason: 'stop' },
      },
    ])
  })

  test('an answer may end at the limit of tokens, and without a line break', async () => {
    answer(says({ content: 'Once' }), end({ done_reason: 'length' }).trimEnd())
    expect(await ask()).toMatchObject({ text: 'Once', reason: 'length' })
  })

  test('an answer is whole although every byte comes in a chunk of its own', async () => {
    const text = 'naïve 🧵 שלום 👩‍💻'
    upstream.answerWith(async (response) => {
      begin(response)
      response.socket?.setNoDelay(true)
      for (const byte of Buffer.from(says({ content: text }) + end())) {
        response.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      response.end()
    })
    expect((await ask()).text).toBe(text)
  })

  test('the kept text is the beginning of its answer', async () => {
    answer(says({ content: ' upon' }), says({ content: ' a time' }), end())
    expect((await ask({ keptText: 'Once ' })).text).toBe('upon a time')
    expect(upstream.requests[0]?.body['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: 'Once' },
    ])
  })

  test('an abort closes the connection', async () => {
    upstream.answerWith((response) => begin(response).write(says({ content: 'and then' })))
    const controller = new AbortController()
    const provider = openProvider(routeTo('ollama', { baseUrl: upstream.url, model }))
    const request = { prompt: [userSays('Hello')], keptText: '', parameters: {}, signal: controller.signal }
    const chunks = provider.generate(request)[Symbol.asyncIterator]()
    await chunks.next()
    const next = chunks.next()
    controller.abort(new Error('cancelled'))
    await expect(next).rejects.toThrow('cancelled')
    await upstream.requests[0]?.closed
  })

  test.each([
    [400, '"llama2" does not support thinking', 'provider_bad_request'],
    [401, 'unauthorized', 'provider_refused'],
    [500, 'model requires more system memory (5.6 GiB) than is available', 'provider_unavailable'],
    [503, 'server busy, please try again.  maximum pending requests exceeded', 'provider_unavailable'],
    [400, 'the prompt is longer than the context length currently available', 'provider_context_too_long'],
    [500, 'request (4476 tokens) exceeds the available context size (4096 tokens)', 'provider_context_too_long'],
  ])('%i %s: %s', async (status, said, code) => {
    refuse(status, said)
    expect((await ask()).error).toMatchObject({ code })
  })

  test('a model that is not there can be loaded, and the text says how', async () => {
    refuse(404, "model 'qwen3' not found")
    expect((await ask()).error).toMatchObject({
      code: 'provider_unknown_model',
      message: expect.stringContaining('ollama pull qwen3'),
    })
  })

  test('where nobody listens the text asks whether it runs there', async () => {
    const { origin } = new URL(upstream.url)
    await upstream.close()
    expect((await askAt(`${origin}/hunter2`)).error).toMatchObject({
      code: 'provider_unreachable',
      message: expect.stringContaining(`running at ${origin}?`),
    })
    upstream = await startUpstream()
  })

  test('an error in mid-answer is one', async () => {
    answer(says({ content: 'Once' }), JSON.stringify({ error: 'an error was encountered while running the model' }))
    expect(await ask()).toMatchObject({ text: 'Once', error: { code: 'provider_unavailable', retryable: true } })
  })

  test.each([
    ['nothing', ''],
    ['a text', says({ content: 'Once' })],
    ['half a line', says({ content: 'Once' }) + end().slice(0, -3)],
    ['a whole call', says({ tool_calls: [call('a', 'Oslo')] })],
    ['a line that is none', `${says({ content: 'Once' })}oops\n`],
  ])('an answer that stops after %s is not taken for a whole one', async (_after, lines) => {
    const warned = vi.spyOn(console, 'warn')
    answer(lines)
    expect(await ask()).toMatchObject({ reason: undefined, error: { code: 'provider_broken', retryable: true } })
    expect(warned).not.toHaveBeenCalled()
  })

  test('a line without an end is not collected', async () => {
    upstream.answerWith((response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024))) continue
      }
      begin(response)
        .on('drain', more)
        .on('error', () => undefined)
      more()
    })
    expect((await ask()).error).toMatchObject({ code: 'provider_broken', message: expect.stringContaining('a line') })
    await upstream.requests[0]?.closed
  })
})
