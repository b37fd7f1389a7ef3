import { LLMock } from '@copilotkit/aimock'
import type { RouteSettings } from '@spool/config'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import type { GenerateRequest } from '../../src/providers/provider.ts'
import { begin, end, error, frame, redacted, stop, text, thinking, toolUse } from './anthropic-frames.ts'
import { answerOf, userSays } from './answer-of.ts'
import { routeTo } from './route-to.ts'
import { toolRound, weatherTool } from './tool-round.ts'
import { startUpstream, stream, type Upstream } from './upstream.ts'

/** It thinks within a budget, and goes on from a beginning of its answer. */
const model = 'claude-sonnet-4-5'

const image = (url: string) => ({ type: 'file', mediaType: 'image/*', url }) as const

function askAt(baseUrl: string, request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) {
  const route = routeTo('anthropic', { baseUrl, model, keyEnv: 'ANTHROPIC_API_KEY', ...about })
  return answerOf(openProvider(route, { key: 'sk-ant-test' }), request)
}

describe('against a mock that others wrote', () => {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 4, strict: true, logLevel: 'silent' })
  beforeAll(async () => {
    mock.onMessage('hello', { content: 'Hi there! How are you?', usage: { input_tokens: 7, output_tokens: 6 } })
    mock.onMessage('why', { content: 'Because.', reasoning: 'Let me think about it.' })
    mock.onMessage('weather', {
      content: 'Let me look.',
      toolCalls: [
        { name: 'weather', arguments: '{"city":"Oslo"}', id: 'toolu_1' },
        { name: 'weather', arguments: '{"city":"Rome"}', id: 'toolu_2' },
      ],
    })
    mock.on({ userMessage: 'And in Oslo?', hasToolResult: false }, { toolCalls: [call], reasoning: 'I must look.' })
    mock.on({ userMessage: 'And in Oslo?', hasToolResult: true }, { content: 'Four degrees.' })
    mock.onMessage('busy', { error: { message: 'Slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 })
    mock.onMessage('full', { error: { message: 'Overloaded', type: 'overloaded_error' }, status: 529 })
    mock.on({ userMessage: 'cut' }, { content: 'Once upon a time' }, { truncateAfterChunks: 6, latency: 10 })
    await mock.start()
  })
  afterAll(() => mock.stop())
  const call = { name: 'weather', arguments: '{"city":"Oslo"}', id: 'toolu_1' }
  const ask = (said: string, request: Partial<GenerateRequest> = {}) =>
    askAt(mock.url, { prompt: [userSays(said)], ...request })

  test('text comes through in pieces, with its usage and its end', async () => {
    const { chunks, text: answer, reason, usage } = await ask('hello')
    expect(answer).toBe('Hi there! How are you?')
    expect(chunks.filter((chunk) => chunk.type === 'text').length).toBeGreaterThan(2)
    expect(reason).toBe('stop')
    expect(usage).toEqual({ input_tokens: 7, output_tokens: 6, cached_tokens: 0, reasoning_tokens: 0 })
  })

  test('thoughts come through before the text', async () => {
    const { chunks, text: answer, reasoning } = await ask('why', { parameters: { reasoning: 'low' } })
    expect({ answer, reasoning }).toEqual({ answer: 'Because.', reasoning: 'Let me think about it.' })
    expect(chunks[0]?.type).toBe('reasoning')
  })

  test('several tool calls in one turn come through, their arguments as they are written', async () => {
    const { chunks, text: answer, calls, reason } = await ask('weather')
    expect(answer).toBe('Let me look.')
    expect(calls).toEqual([
      { name: 'weather', input: { city: 'Oslo' } },
      { name: 'weather', input: { city: 'Rome' } },
    ])
    const pieces = chunks.flatMap((chunk) => (chunk.type === 'tool-input' && chunk.call === 'toolu_2' ? [chunk] : []))
    expect(pieces.length).toBeGreaterThan(1)
    expect(pieces.map((piece) => piece.text).join('')).toBe('{"city":"Rome"}')
    expect(reason).toBe('tool_calls')
  })

  test('a result of a tool is taken with the signed thoughts before its call, and not without them', async () => {
    const request = { tools: [weatherTool], parameters: { reasoning: 'low' } } as const
    const { chunks } = await ask('And in Oslo?', request)
    const finish = chunks.find((chunk) => chunk.type === 'finish')
    const parts = finish?.replay?.map((part) => (part.type === 'tool_call' ? { ...part, call: 'c1' } : part))
    const replay = { provider: 'anthropic', model, parts: parts ?? [] }
    expect(await ask('', { ...request, prompt: toolRound({ replay }) })).toMatchObject({ text: 'Four degrees.' })
    // So that the mock is seen to look at all: the call is said to have thoughts, and has none.
    const bare = [{ type: 'tool_call', call: 'c1', data: { anthropic: { caller: 'direct' } } } as const]
    const refused = await ask('', { ...request, prompt: toolRound({ replay: { ...replay, parts: bare } }) })
    expect(refused.error?.code).toBe('provider_bad_request')
  })

  test('a call that another provider made is taken all the same: then it does not think', async () => {
    const parameters = { reasoning: 'high' } as const
    const replay = { provider: 'google', model: 'gemini', parts: [] }
    for (const prompt of [toolRound(), toolRound({ replay })]) {
      expect(await ask('', { prompt, parameters })).toMatchObject({ text: 'Four degrees.', reason: 'stop' })
    }
  })

  test('its errors come through as what they are', async () => {
    expect((await ask('busy')).error).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 3000 })
    expect((await ask('full')).error).toMatchObject({ code: 'provider_unavailable', retryable: true })
    expect(await ask('cut')).toMatchObject({ reason: undefined, error: { code: 'provider_broken', retryable: true } })
  })
})

describe('byte by byte', () => {
  let upstream: Upstream
  beforeEach(async () => {
    upstream = await startUpstream()
  })
  afterEach(() => upstream.close())
  const answer = (...frames: string[]) => upstream.answerWith((response) => stream(response, ...frames).end())
  const refuse = (status: number, type: string, message: string) =>
    upstream.answerWith((response) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ type: 'error', error: { type, message }, request_id: 'req_1' })),
    )
  const ask = (request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) =>
    askAt(upstream.url, request, about)

  test('the request has the conversation, the parameters, the tools and the key', async () => {
    answer(begin(), text(0, 'ok'), end())
    const prompt = [{ role: 'system', content: 'Be brief.' } as const, ...toolRound()]
    await ask({ prompt, tools: [weatherTool], parameters: { temperature: 0.5, max_tokens: 100, stop: ['END'] } })
    expect(upstream.requests[0]).toMatchObject({
      path: '/v1/messages',
      headers: { 'x-api-key': 'sk-ant-test' },
      body: {
        model,
        stream: true,
        max_tokens: 100,
        temperature: 0.5,
        stop_sequences: ['END'],
        system: [{ type: 'text', text: 'Be brief.' }],
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'And in Oslo?' }] },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Oslo' } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: '{"degrees":4}' }] },
        ],
        tools: [{ name: 'weather', description: 'Looks outside', input_schema: { type: 'object' } }],
      },
    })
    expect(upstream.requests[0]?.body).not.toHaveProperty('thinking')
  })

  test('images are sent inline or by their address', async () => {
    answer(begin(), text(0, 'a cat'), end())
    const content = [image('data:image/png;base64,iVBORw0KGgo='), image('https://example.org/cat.jpg')]
    await ask({ prompt: [{ role: 'user', content }] })
    expect(upstream.requests[0]?.body['messages']).toMatchObject([
      {
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
          { type: 'image', source: { type: 'url', url: 'https://example.org/cat.jpg' } },
        ],
      },
    ])
  })

  test('cached tokens are input, thoughts are output; the response has an id and a model', async () => {
    answer(
      begin({ cache_read_input_tokens: 20, cache_creation_input_tokens: 3 }),
      text(0, 'ok'),
      end('max_tokens', { output_tokens: 12, output_tokens_details: { thinking_tokens: 5 } }),
    )
    expect((await ask()).chunks.at(-1)).toEqual({
      type: 'finish',
      reason: 'length',
      usage: { input_tokens: 32, output_tokens: 12, cached_tokens: 20, reasoning_tokens: 5 },
      // In its own words.
      response: {
        id: 'msg_1',
        model: 'claude-2026',
        finish_reason: 'max_tokens',
        usage: expect.objectContaining({ cache_creation_input_tokens: 3, cache_read_input_tokens: 20 }),
        metadata: { anthropic: expect.anything() },
      },
    })
  })

  test('the kept text is the beginning of its answer, and a model with a budget does not think then', async () => {
    answer(begin(), text(0, ' upon', ' a time'), end())
    const { text: said } = await ask({ keptText: 'Once ', parameters: { reasoning: 'high' } })
    expect(said).toBe('upon a time')
    const { messages, thinking: thinks } = upstream.requests[0]?.body ?? {}
    expect(messages).toMatchObject([{ role: 'user' }, { role: 'assistant', content: [{ type: 'text', text: 'Once' }] }])
    expect(thinks).toEqual({ type: 'disabled' })
  })

  test('a model that takes no beginning of its answer says so, and that is a bad request and nothing else', async () => {
    refuse(
      400,
      'invalid_request_error',
      'This model does not support assistant message prefill. The conversation must end with a user message.',
    )
    const { error: refusal } = await ask({ keptText: 'Once' }, { model: 'claude-opus-4-6' })
    expect(refusal).toMatchObject({ code: 'provider_bad_request', retryable: false })
  })

  test('signed thoughts go back block by block, in their order, with our own id of the call', async () => {
    answer(
      begin(),
      thinking(0, 'I must look.', 'sig-1'),
      redacted(1, 'secret'),
      text(2, 'One ', 'moment.'),
      thinking(3, 'Oslo then.', 'sig-2'),
      toolUse(4, 'toolu_1', 'weather', '{"city":', '"Oslo"}'),
      end('tool_use'),
    )
    const finish = (await ask({ parameters: { reasoning: 'low' } })).chunks.at(-1)
    const replay = finish?.type === 'finish' ? finish.replay : undefined
    expect(replay).toEqual([
      { type: 'reasoning', text: 'I must look.', data: { anthropic: { signature: 'sig-1' } } },
      { type: 'reasoning', text: '', data: { anthropic: { redactedData: 'secret' } } },
      { type: 'text', text: 'One moment.' },
      { type: 'reasoning', text: 'Oslo then.', data: { anthropic: { signature: 'sig-2' } } },
      { type: 'tool_call', call: 'toolu_1' },
    ])
    const parts = replay?.map((part) => (part.type === 'tool_call' ? { ...part, call: 'c1' } : part)) ?? []
    await ask({
      prompt: toolRound({ replay: { provider: 'anthropic', model, parts } }),
      parameters: { reasoning: 'low' },
    })
    expect(upstream.requests[1]?.body).toMatchObject({
      thinking: { type: 'enabled' },
      messages: [
        {},
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'I must look.', signature: 'sig-1' },
            { type: 'redacted_thinking', data: 'secret' },
            { type: 'text', text: 'One moment.' },
            { type: 'thinking', thinking: 'Oslo then.', signature: 'sig-2' },
            { type: 'tool_use', id: 'c1', name: 'weather', input: { city: 'Oslo' } },
          ],
        },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1' }] },
      ],
    })
  })

  test('a model that chooses by itself how much to think needs no thoughts before a call', async () => {
    answer(begin(), text(0, 'ok'), end())
    await ask({ prompt: toolRound(), parameters: { reasoning: 'high' } }, { model: 'claude-opus-4-6' })
    expect(upstream.requests[0]?.body).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    })
  })

  test('thoughts of another model of theirs do not go back', async () => {
    answer(begin(), text(0, 'ok'), end())
    const parts = [{ type: 'reasoning', text: 'Hm.', data: { anthropic: { signature: 's' } } } as const]
    await ask({ prompt: toolRound({ replay: { provider: 'anthropic', model: 'claude-opus-4-1', parts } }) })
    expect(JSON.stringify(upstream.requests[0]?.body)).not.toContain('signature')
  })

  test.each([
    [401, 'authentication_error', 'invalid x-api-key', 'provider_refused'],
    [403, 'permission_error', 'Your API key does not have permission', 'provider_refused'],
    [404, 'not_found_error', 'model: claude-9', 'provider_unknown_model'],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'provider_context_too_long'],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000',
      'provider_context_too_long',
    ],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'provider_context_too_long'],
    [400, 'invalid_request_error', 'Your credit balance is too low to access the API', 'provider_quota_exhausted'],
    [400, 'invalid_request_error', 'You have reached your specified API usage limits.', 'provider_quota_exhausted'],
    [402, 'billing_error', 'Payment is due', 'provider_quota_exhausted'],
    [400, 'invalid_request_error', 'Output blocked by content filtering policy', 'provider_content_filtered'],
    [400, 'invalid_request_error', 'max_tokens: 1 is too small', 'provider_bad_request'],
    [429, 'rate_limit_error', 'This request would exceed the rate limit', 'provider_rate_limited'],
    [500, 'api_error', 'Internal server error', 'provider_unavailable'],
    [504, 'timeout_error', 'Request timed out', 'provider_unavailable'],
    [529, 'overloaded_error', 'Overloaded', 'provider_unavailable'],
  ])('%i %s, %s: %s', async (status, type, message, code) => {
    refuse(status, type, message)
    expect((await ask()).error).toMatchObject({ code })
  })

  test.each([
    ['overloaded_error', 'provider_unavailable'],
    ['api_error', 'provider_unavailable'],
    ['rate_limit_error', 'provider_rate_limited'],
    ['invalid_request_error', 'provider_bad_request'],
    ['billing_error', 'provider_quota_exhausted'],
  ])('%s in the stream, first of all or in mid-answer: %s', async (type, code) => {
    answer(error(type))
    expect((await ask()).error).toMatchObject({ code })
    answer(begin(), text(0, 'Once'), error(type))
    expect(await ask()).toMatchObject({ text: 'Once', reason: undefined, error: { code } })
  })

  test('a refusal of the model is the end of an answer that was filtered', async () => {
    answer(begin(), text(0, 'I will'), end('refusal'))
    expect(await ask()).toMatchObject({ text: 'I will', reason: 'content_filter', usage: { output_tokens: 4 } })
  })

  test.each([
    ['nothing', ''],
    ['its head', begin()],
    ['a text', begin() + text(0, 'Once')],
    ['the reason of its end', begin() + text(0, 'Once') + stop('end_turn')],
    ['an end without a reason', begin() + text(0, 'Once') + stop(null) + frame('message_stop', {})],
    ['half a frame', begin() + text(0, 'Once') + end().slice(0, -3)],
    ['a whole call', begin() + toolUse(0, 'toolu_1', 'weather', '{}')],
  ])('an answer that stops after %s is not taken for a whole one', async (_after, frames) => {
    answer(frames)
    expect(await ask()).toMatchObject({ reason: undefined, error: { code: 'provider_broken', retryable: true } })
  })
})
