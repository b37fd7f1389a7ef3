import { LLMock } from '@copilotkit/aimock'
import type { RouteSettings } from '@spool/config'
import type { PromptMessage } from '@spool/events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import type { GenerateRequest } from '../../src/providers/provider.ts'
import { answerOf, userSays } from './answer-of.ts'
import {
  called,
  completed,
  created,
  failed,
  messageAdded,
  reasoned,
  refusalDelta,
  responseFrame,
  textDelta,
} from './responses-frames.ts'
import { routeTo } from './route-to.ts'
import { toolRound, weatherTool } from './tool-round.ts'
import { startUpstream, stream, type Upstream } from './upstream.ts'

const reasoningModel = 'gpt-5-mini'
const plainModel = 'gpt-4.1-mini'

const aboutFile = (mediaType: string, url: string): PromptMessage => ({
  role: 'user',
  content: [{ type: 'file', mediaType, url }],
})

function askAt(baseUrl: string, request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) {
  const route = routeTo('openai', { baseUrl, model: reasoningModel, continues: 'restart', ...about })
  return answerOf(openProvider(route, { key: 'sk-test' }), request)
}

describe('against a mock that others wrote', () => {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 4 })
  beforeAll(async () => {
    mock.onMessage('hello', { content: 'Hi there! How are you?', usage: { input_tokens: 7, output_tokens: 6 } })
    mock.onMessage('why', { content: 'Because.', reasoning: 'Let me think about it.' })
    mock.onMessage('weather', {
      content: 'Let me look.',
      toolCalls: [
        { name: 'weather', arguments: '{"city":"Oslo"}', id: 'call_1' },
        { name: 'weather', arguments: '{"city":"Rome"}', id: 'call_2' },
      ],
    })
    mock.onMessage('busy', { error: { message: 'Slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 })
    mock.onMessage('broke', { error: { message: 'Pay first', code: 'insufficient_quota' }, status: 429 })
    mock.on({ userMessage: 'cut' }, { content: 'Once upon a time' }, { truncateAfterChunks: 8, latency: 10 })
    await mock.start()
  })
  afterAll(() => mock.stop())
  const ask = (text: string, request: Partial<GenerateRequest> = {}) =>
    askAt(`${mock.url}/v1`, { prompt: [userSays(text)], ...request })

  test('text comes through in pieces, with its usage and its end', async () => {
    const { chunks, text, reason, usage } = await ask('hello')
    expect(text).toBe('Hi there! How are you?')
    expect(chunks.filter((chunk) => chunk.type === 'text').length).toBeGreaterThan(2)
    expect(reason).toBe('stop')
    expect(usage).toEqual({ input_tokens: 7, output_tokens: 6, cached_tokens: 0, reasoning_tokens: 0 })
  })

  test('reasoning comes through before the text', async () => {
    const { chunks, text, reasoning } = await ask('why', { parameters: { reasoning: 'low' } })
    expect({ text, reasoning }).toEqual({ text: 'Because.', reasoning: 'Let me think about it.' })
    expect(chunks[0]?.type).toBe('reasoning')
  })

  test('several tool calls in one turn come through, their arguments as they are written', async () => {
    const { chunks, text, calls, reason } = await ask('weather')
    expect(text).toBe('Let me look.')
    expect(calls).toEqual([
      { name: 'weather', input: { city: 'Oslo' } },
      { name: 'weather', input: { city: 'Rome' } },
    ])
    const pieces = chunks.flatMap((chunk) => (chunk.type === 'tool-input' && chunk.call === 'call_2' ? [chunk] : []))
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.map((piece) => piece.text).join('')).toBe('{"city":"Rome"}')
    expect(reason).toBe('tool_calls')
  })

  test('its errors come through as what they are', async () => {
    expect((await ask('busy')).error).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 3000 })
    expect((await ask('broke')).error).toMatchObject({ code: 'provider_quota_exhausted', retryable: false })
    expect(await ask('cut')).toMatchObject({ reason: undefined, error: { code: 'provider_broken', retryable: true } })
  })
})

describe('byte by byte', () => {
  let upstream: Upstream
  beforeEach(async () => {
    upstream = await startUpstream()
  })
  afterEach(() => upstream.close())
  const begin = created() + messageAdded()
  const answer = (...frames: string[]) => upstream.answerWith((response) => stream(response, ...frames).end())
  const ask = (request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) =>
    askAt(upstream.url, request, about)

  test('the request has the conversation, the parameters, the tools and the key, and is not kept there', async () => {
    answer(begin, textDelta('ok'), completed())
    const prompt: PromptMessage[] = [
      { role: 'system', content: 'Be brief.' },
      userSays('And in Oslo?'),
      {
        role: 'assistant',
        content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Oslo' } }],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'weather',
            output: { type: 'json', value: { degrees: 4 } },
          },
        ],
      },
    ]
    const tools = [{ name: 'weather', description: 'Looks outside', input_schema: { type: 'object' } }]
    await ask({ prompt, tools, parameters: { temperature: 0.5, max_tokens: 100 } }, { model: plainModel })
    expect(upstream.requests[0]).toMatchObject({
      path: '/v1/responses',
      headers: { authorization: 'Bearer sk-test' },
      body: {
        model: plainModel,
        stream: true,
        store: false,
        temperature: 0.5,
        max_output_tokens: 100,
        input: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: [{ type: 'input_text', text: 'And in Oslo?' }] },
          { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' },
          { type: 'function_call_output', call_id: 'c1', output: '{"degrees":4}' },
        ],
        tools: [{ type: 'function', name: 'weather', description: 'Looks outside' }],
      },
    })
    expect(upstream.requests[0]?.body).not.toHaveProperty('reasoning')
  })

  test('what a reasoning model refuses is left out; its reasoning is summed up where it was asked for', async () => {
    answer(begin, textDelta('ok'), completed())
    const parameters = { temperature: 0.5, top_p: 0.9, stop: ['END'], seed: 7 }
    await ask({ parameters })
    await ask({ parameters: { ...parameters, reasoning: 'high' } }, { reasoning: 'low' })
    await ask({ parameters }, { reasoning: 'low' })
    const bodies = upstream.requests.map(({ body }) => body)
    for (const body of bodies)
      for (const name of ['temperature', 'top_p', 'stop', 'seed']) expect(body).not.toHaveProperty(name)
    expect(bodies.map((body) => body['reasoning'])).toEqual([
      undefined,
      { effort: 'high', summary: 'auto' },
      { effort: 'low', summary: 'auto' },
    ])
  })

  test('what the route says counts where the request says nothing', async () => {
    answer(begin, textDelta('ok'), completed())
    const about = { model: plainModel, temperature: 0.1, maxTokens: 50 }
    await ask({}, about)
    await ask({ parameters: { temperature: 0.9, max_tokens: 60 } }, about)
    expect(upstream.requests.map(({ body }) => [body['temperature'], body['max_output_tokens']])).toEqual([
      [0.1, 50],
      [0.9, 60],
    ])
  })

  test('images are sent inline, or by an address that OpenAI fetches; another file only inline', async () => {
    answer(begin, textDelta('a cat'), completed())
    const inline = 'data:image/png;base64,iVBORw0KGgo='
    await ask({ prompt: [aboutFile('image/*', inline), aboutFile('image/*', 'https://example.org/cat.jpg')] })
    expect(upstream.requests[0]?.body['input']).toMatchObject([
      { content: [{ type: 'input_image', image_url: inline }] },
      { content: [{ type: 'input_image', image_url: 'https://example.org/cat.jpg' }] },
    ])
    const { error } = await ask({ prompt: [aboutFile('audio/wav', 'https://example.org/cat.wav')] })
    expect(error).toMatchObject({ code: 'provider_unsupported', message: expect.stringContaining('data: URL') })
    expect(upstream.requests).toHaveLength(1)
  })

  test('usage tells cached and reasoning tokens; the response has its id and its model', async () => {
    const usage = {
      input_tokens: 20,
      output_tokens: 9,
      input_tokens_details: { cached_tokens: 16 },
      output_tokens_details: { reasoning_tokens: 5 },
    }
    answer(begin, textDelta('ok'), completed({ usage }))
    expect((await ask()).chunks.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: { input_tokens: 20, output_tokens: 9, cached_tokens: 16, reasoning_tokens: 5 },
      response: expect.objectContaining({ id: 'resp_1', model: 'model-2026', usage }),
    })
  })

  test.each([
    ['length', textDelta('Once'), completed({ incomplete: 'max_output_tokens' })],
    ['content_filter', textDelta('Once'), completed({ incomplete: 'content_filter' })],
    ['content_filter', refusalDelta('I cannot help with that.'), completed()],
  ])('an answer may end for the reason %s', async (reason, delta, ending) => {
    answer(begin, delta, ending)
    expect(await ask()).toMatchObject({ reason, error: undefined })
  })

  test('a long answer, which its last frame says again, is taken; a line without an end is not', async () => {
    const text = 'x'.repeat(600_000)
    answer(begin, textDelta(text.slice(0, 200_000)), textDelta(text.slice(200_000)), completed({ text }))
    expect(await ask()).toMatchObject({ text, reason: 'stop' })
    answer(begin, textDelta('Once'), `data: ${'x'.repeat(10_000_000)}`)
    const { text: before, error } = await ask()
    expect(before).toBe('Once')
    expect(error).toMatchObject({ code: 'provider_broken', message: expect.stringContaining('bytes') })
  })

  test('what it reasoned goes back to it, sealed, with the results of its tools; in plain words to no other', async () => {
    answer(created(), reasoned('I must look.', 'sealed'), called('call_9', 'weather', '{"city":"Oslo"}'), completed())
    const request = { tools: [weatherTool], parameters: { reasoning: 'low' } } as const
    const finish = (await ask(request)).chunks.at(-1)
    const replay = finish?.type === 'finish' ? finish.replay : undefined
    const parts = replay?.map((part) => (part.type === 'tool_call' ? { ...part, call: 'c1' } : part)) ?? []
    const mine = { provider: 'openai', model: reasoningModel, parts }
    await ask({ ...request, prompt: toolRound({ replay: mine }) })
    await ask({ ...request, prompt: toolRound({ replay: { ...mine, model: 'gpt-5' } }) })
    const [first, again, other] = upstream.requests.map(({ body }) => body)
    expect(first).toMatchObject({ include: ['reasoning.encrypted_content'] })
    const call = { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"Oslo"}' }
    const result = { type: 'function_call_output', call_id: 'c1', output: '{"degrees":4}' }
    expect(again?.['input']).toMatchObject([
      { role: 'user' },
      { type: 'reasoning', encrypted_content: 'sealed', summary: [{ type: 'summary_text', text: 'I must look.' }] },
      call,
      result,
    ])
    expect(other?.['input']).toMatchObject([{ role: 'user' }, call, result])
  })

  test.each([
    ['nothing at all', ''],
    ['its beginning', created()],
    ['text and no end', begin + textDelta('Once')],
    ['half a frame', `${begin}${textDelta('Once')}event: response.output_text.delta\ndata: {"type":"resp`],
    ['broken JSON', `${begin}${textDelta('Once')}data: {"type": "response.output_text.del\n\n${completed()}`],
    ['a web page', '<html><body>Welcome to the hotel network</body></html>'],
    ['failure without a word', begin + failed({})],
  ])('an answer that holds %s is broken, never a short answer', async (_what, bytes) => {
    answer(bytes)
    const { error, reason } = await ask()
    expect(error).toMatchObject({ code: 'provider_broken', retryable: true })
    expect(error?.message).not.toMatch(/hotel|"type"/)
    expect(reason).toBeUndefined()
  })

  const errors = [
    [{ code: 'server_error', message: 'oops' }, 'provider_unavailable'],
    [{ code: 'rate_limit_exceeded', message: 'slow down' }, 'provider_rate_limited'],
    [{ code: 'insufficient_quota', message: 'pay' }, 'provider_quota_exhausted'],
    [{ code: 'context_length_exceeded', message: 'too much' }, 'provider_context_too_long'],
    [{ code: 'invalid_prompt', message: 'flagged' }, 'provider_content_filtered'],
    [{ code: 'image_content_policy_violation', message: 'flagged' }, 'provider_content_filtered'],
    [{ code: 'invalid_image_url', message: 'no image there' }, 'provider_bad_request'],
  ] as const

  test.each(errors)('the failure %j is %s before the first token and in mid-answer', async (error, code) => {
    answer(created(), failed(error))
    expect((await ask()).error?.code).toBe(code)
    answer(begin, textDelta('Once'), failed(error))
    expect(await ask()).toMatchObject({ text: 'Once', error: { code } })
  })

  test.each(errors)('the error event %j is %s before the first token and in mid-answer', async (error, code) => {
    answer(created(), responseFrame('error', { ...error, param: null }))
    expect((await ask()).error?.code).toBe(code)
    answer(begin, textDelta('Once'), responseFrame('error', { error: { type: 'error', ...error } }))
    expect(await ask()).toMatchObject({ text: 'Once', error: { code } })
  })
})
