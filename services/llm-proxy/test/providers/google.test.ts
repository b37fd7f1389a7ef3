import { LLMock } from '@copilotkit/aimock'
import type { RouteSettings } from '@spool/config'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import type { GenerateRequest } from '../../src/providers/provider.ts'
import { answerOf, userSays } from './answer-of.ts'
import { end, frame, parts, text } from './google-frames.ts'
import { routeTo } from './route-to.ts'
import { toolRound, weatherTool } from './tool-round.ts'
import { startUpstream, stream, type Upstream } from './upstream.ts'

const model = 'gemini-3-pro-preview'

const quota = (quotaId: string) => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId }],
})

function askAt(baseUrl: string, request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) {
  const route = routeTo('google', { baseUrl, model, keyEnv: 'GEMINI_API_KEY', ...about })
  return answerOf(openProvider(route, { key: 'AIza-test' }), request)
}

describe('against a mock that others wrote', () => {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 4, logLevel: 'silent' })
  const usage = { promptTokenCount: 7, candidatesTokenCount: 6 }
  beforeAll(async () => {
    mock.onMessage('hello', { content: 'Hi there! How are you?', usage })
    mock.onMessage('why', { content: 'Because.', reasoning: 'Let me think about it.' })
    mock.onMessage('weather', {
      content: 'Let me look.',
      toolCalls: [
        { name: 'weather', arguments: '{"city":"Oslo"}' },
        { name: 'weather', arguments: '{"city":"Rome"}' },
      ],
    })
    mock.onMessage('busy', { error: { message: 'Slow down' }, status: 429, retryAfter: 3 })
    mock.onMessage('down', { error: { message: 'The model is overloaded' }, status: 503 })
    mock.on({ userMessage: 'cut' }, { content: 'Once upon a time' }, { truncateAfterChunks: 2, latency: 10 })
    await mock.start()
  })
  afterAll(() => mock.stop())
  const ask = (said: string, request: Partial<GenerateRequest> = {}) =>
    askAt(mock.url, { prompt: [userSays(said)], ...request })

  test('text comes through in pieces, with its usage and its end', async () => {
    const answer = await ask('hello')
    expect(answer.text).toBe('Hi there! How are you?')
    expect(answer.chunks.filter((chunk) => chunk.type === 'text').length).toBeGreaterThan(2)
    expect(answer.reason).toBe('stop')
    expect(answer.usage).toEqual({ input_tokens: 7, output_tokens: 6, cached_tokens: 0, reasoning_tokens: 0 })
  })

  test('thoughts come through before the text', async () => {
    const answer = await ask('why', { parameters: { reasoning: 'low' } })
    expect(answer).toMatchObject({ text: 'Because.', reasoning: 'Let me think about it.' })
    expect(answer.chunks[0]?.type).toBe('reasoning')
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

describe('byte by byte', () => {
  let upstream: Upstream
  beforeEach(async () => {
    upstream = await startUpstream()
  })
  afterEach(() => upstream.close())
  const answer = (...frames: string[]) => upstream.answerWith((response) => stream(response, ...frames).end())
  const ask = (request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) =>
    askAt(new URL(upstream.url).origin, request, about)
  const contents = (request: number) => upstream.requests[request]?.body['contents']

  test('the request has the conversation, the parameters, the tools and the key', async () => {
    answer(text('ok'), end())
    const prompt = [{ role: 'system', content: 'Be brief.' } as const, ...toolRound()]
    const parameters = { temperature: 0.5, max_tokens: 100, stop: ['END'], seed: 7, top_p: 0.9 }
    await ask({ prompt, tools: [weatherTool], parameters })
    expect(upstream.requests[0]).toMatchObject({
      path: `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
      headers: { 'x-goog-api-key': 'AIza-test' },
      body: {
        systemInstruction: { parts: [{ text: 'Be brief.' }] },
        generationConfig: { temperature: 0.5, maxOutputTokens: 100, stopSequences: ['END'], seed: 7, topP: 0.9 },
        contents: [
          { role: 'user', parts: [{ text: 'And in Oslo?' }] },
          { role: 'model', parts: [{}, { functionCall: { id: 'c1', name: 'weather', args: { city: 'Oslo' } } }] },
          { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'weather' } }] },
        ],
        tools: [{ functionDeclarations: [{ name: 'weather', description: 'Looks outside' }] }],
      },
    })
    expect(upstream.requests[0]?.body['generationConfig']).not.toHaveProperty('thinkingConfig')
  })

  test('where reasoning is asked for it is also told', async () => {
    answer(text('ok'), end())
    await ask({ parameters: { reasoning: 'high' } })
    await ask({ parameters: { reasoning: 'low' } }, { model: 'gemini-2.5-flash' })
    const configs = upstream.requests.map(({ body }) => Object(body['generationConfig']).thinkingConfig)
    expect(configs).toMatchObject([
      { includeThoughts: true, thinkingLevel: 'high' },
      { includeThoughts: true, thinkingBudget: expect.any(Number) },
    ])
  })

  test('images are sent inline', async () => {
    answer(text('a cat'), end())
    const url = 'data:image/png;base64,iVBORw0KGgo='
    await ask({ prompt: [{ role: 'user', content: [{ type: 'file', mediaType: 'image/*', url }] }] })
    expect(contents(0)).toMatchObject([{ parts: [{ inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }] }])
  })

  test('cached tokens are input, thoughts are output; the response has an id', async () => {
    answer(text('ok'), end('MAX_TOKENS', { cachedContentTokenCount: 5, thoughtsTokenCount: 3 }))
    expect((await ask()).chunks.at(-1)).toEqual({
      type: 'finish',
      reason: 'length',
      usage: { input_tokens: 9, output_tokens: 7, cached_tokens: 5, reasoning_tokens: 3 },
      response: expect.objectContaining({ id: 'resp-1', finish_reason: 'MAX_TOKENS' }),
    })
  })

  test('the kept text is the beginning of its answer', async () => {
    answer(text(' upon'), text(' a time'), end())
    expect((await ask({ keptText: 'Once ' })).text).toBe('upon a time')
    expect(contents(0)).toMatchObject([{ role: 'user' }, { role: 'model', parts: [{ text: 'Once' }] }])
  })

  test('a continuation may have nothing to add; a fresh answer without a word is tried again', async () => {
    answer(end())
    expect(await ask({ keptText: 'Once upon a time.' })).toMatchObject({ reason: 'stop', error: undefined })
    expect((await ask()).error).toMatchObject({ code: 'provider_broken', retryable: true })
  })

  test('the signature of a call goes back with it, and the thoughts before it', async () => {
    answer(
      parts({ text: 'I must look.', thought: true }),
      parts({ text: 'One moment.' }),
      parts({ functionCall: { name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: 'sig-1' }),
      end(),
    )
    const asked = await ask()
    expect(asked.calls).toEqual([{ name: 'weather', input: { city: 'Oslo' } }])
    const finish = asked.chunks.at(-1)
    const replay = finish?.type === 'finish' ? (finish.replay ?? []) : []
    const ours = replay.map((part) => (part.type === 'tool_call' ? { ...part, call: 'c1' } : part))
    await ask({ prompt: toolRound({ replay: { provider: 'google', model, parts: ours } }) })
    expect(contents(1)).toEqual([
      { role: 'user', parts: [{ text: 'And in Oslo?' }] },
      {
        role: 'model',
        parts: [
          { text: 'I must look.', thought: true },
          { text: 'One moment.' },
          { functionCall: { id: 'c1', name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: 'sig-1' },
        ],
      },
      { role: 'user', parts: [expect.objectContaining({ functionResponse: expect.objectContaining({ id: 'c1' }) })] },
    ])
  })

  test('a call that another provider made goes with the sign for a signature that nobody has', async () => {
    answer(text('ok'), end())
    await ask({ prompt: toolRound() })
    expect(JSON.stringify(contents(0))).toContain('"thoughtSignature":"skip_thought_signature_validator"')
  })

  const keyInvalid = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }
  const retryInfo = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '17.4s' }
  const perMinute = quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier')
  const perDay = quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier')
  const tooMany = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'
  const tooLarge = 'Request payload size exceeds the limit: 20971520 bytes.'
  const tooManyAtVertex =
    'Unable to submit request because the input token count is 1200000 but model only supports up to 1048576.'

  const refusals = [
    [400, 'INVALID_ARGUMENT', 'API key not valid.', [keyInvalid], { code: 'provider_refused' }],
    [400, 'FAILED_PRECONDITION', 'User location is not supported.', [], { code: 'provider_refused' }],
    [401, 'UNAUTHENTICATED', 'Missing credentials.', [], { code: 'provider_refused' }],
    [403, 'PERMISSION_DENIED', 'No access.', [], { code: 'provider_refused' }],
    [404, 'NOT_FOUND', 'models/x is not found.', [], { code: 'provider_unknown_model' }],
    [400, 'INVALID_ARGUMENT', tooMany, [], { code: 'provider_context_too_long' }],
    [400, 'INVALID_ARGUMENT', tooLarge, [], { code: 'provider_context_too_long' }],
    [400, 'INVALID_ARGUMENT', tooManyAtVertex, [], { code: 'provider_context_too_long' }],
    [400, 'INVALID_ARGUMENT', 'Please use a valid role.', [], { code: 'provider_bad_request' }],
    [
      429,
      'RESOURCE_EXHAUSTED',
      'Quota',
      [perMinute, retryInfo],
      { code: 'provider_rate_limited', retryAfterMs: 17_400 },
    ],
    [429, 'RESOURCE_EXHAUSTED', 'Quota', [perDay, retryInfo], { code: 'provider_quota_exhausted' }],
    [429, 'RESOURCE_EXHAUSTED', 'Your prepayment credits are depleted.', [], { code: 'provider_quota_exhausted' }],
    [500, 'INTERNAL', 'An internal error', [], { code: 'provider_unavailable' }],
    [503, 'UNAVAILABLE', 'The model is overloaded.', [], { code: 'provider_unavailable' }],
    [504, 'DEADLINE_EXCEEDED', 'Deadline expired.', [], { code: 'provider_unavailable' }],
  ] as const

  test.each(refusals)('%i %s, %s: with %j %j', async (code, status, message, details, expected) => {
    const body = { error: { code, message, status, details } }
    upstream.answerWith((response) =>
      response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    )
    expect((await ask()).error).toMatchObject(expected)
    answer(text('Once'), frame(body))
    expect(await ask()).toMatchObject({ text: 'Once', reason: undefined, error: expected })
  })

  test.each(['SAFETY', 'RECITATION', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII'])(
    'an answer that ends for %s was filtered',
    async (reason) => {
      answer(text('Once'), end(reason))
      expect(await ask()).toMatchObject({ text: 'Once', reason: 'content_filter', usage: { input_tokens: 9 } })
    },
  )

  test('a question that is blocked has an answer that was filtered', async () => {
    const usageMetadata = { promptTokenCount: 9, totalTokenCount: 9 }
    answer(frame({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata }))
    expect(await ask()).toMatchObject({ text: '', reason: 'content_filter', usage: { input_tokens: 9 } })
  })

  test.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'OTHER', 'FINISH_REASON_UNSPECIFIED'])(
    'an answer that ends with %s is tried again, and what it has cost is counted',
    async (reason) => {
      answer(text('Once'), end(reason))
      const usage = { input_tokens: 9, output_tokens: 4 }
      expect(await ask()).toMatchObject({
        reason: undefined,
        error: { code: 'provider_broken', retryable: true, usage },
      })
    },
  )

  test.each([
    ['nothing', ''],
    ['its head', frame({ candidates: [] })],
    ['an empty candidate', frame({ candidates: [{}] })],
    ['a text', text('Once')],
    ['half a frame', text('Once') + end().slice(0, -5)],
    ['a whole call', parts({ functionCall: { name: 'weather', args: {} } })],
  ])('an answer that stops after %s is not taken for a whole one', async (_after, frames) => {
    answer(frames)
    expect(await ask()).toMatchObject({ reason: undefined, error: { code: 'provider_broken', retryable: true } })
  })
})
