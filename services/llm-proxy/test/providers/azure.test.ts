import { LLMock } from '@copilotkit/aimock'
import type { RouteSettings } from '@spool/config'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import type { GenerateRequest } from '../../src/providers/provider.ts'
import { answerOf, userSays } from './answer-of.ts'
import { called, completed, created, messageAdded, reasoned, textDelta } from './responses-frames.ts'
import { routeTo } from './route-to.ts'
import { toolRound, weatherTool } from './tool-round.ts'
import { done, end, frame, startUpstream, stream, usage, type Upstream } from './upstream.ts'

const dated = { apiVersion: '2024-10-21' }

function askAt(baseUrl: string, request: Partial<GenerateRequest> = {}, about: Partial<RouteSettings> = {}) {
  const route = routeTo('azure', { baseUrl, model: 'my-deployment', continues: 'restart', ...about })
  return answerOf(openProvider(route, { key: 'azure-key' }), request)
}

describe.each([
  ['the v1 API', {}, /^\/openai\/v1\/responses$/],
  ['a dated API', dated, /^\/openai\/deployments\/my-deployment\/chat\/completions\?api-version=2024-10-21$/],
])('%s, against a mock that others wrote', (_name, about, path) => {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 4 })
  beforeAll(async () => {
    mock.onMessage('hello', {
      content: 'Hi there!',
      usage: { input_tokens: 7, output_tokens: 6, prompt_tokens: 7, completion_tokens: 6 },
    })
    mock.onMessage('weather', {
      toolCalls: [
        { name: 'weather', arguments: '{"city":"Oslo"}', id: 'call_1' },
        { name: 'weather', arguments: '{"city":"Rome"}', id: 'call_2' },
      ],
    })
    mock.onMessage('busy', { error: { message: 'Slow down', type: 'rate_limit_error' }, status: 429, retryAfter: 3 })
    await mock.start()
  })
  afterAll(() => mock.stop())
  const ask = (text: string) => askAt(mock.url, { prompt: [userSays(text)] }, about)

  test('text and usage come through, at the path of that API', async () => {
    expect(await ask('hello')).toMatchObject({
      text: 'Hi there!',
      reason: 'stop',
      usage: { input_tokens: 7, output_tokens: 6 },
    })
    expect(mock.getRequests().at(-1)?.path).toMatch(path)
  })

  test('several tool calls come through', async () => {
    expect(await ask('weather')).toMatchObject({
      calls: [
        { name: 'weather', input: { city: 'Oslo' } },
        { name: 'weather', input: { city: 'Rome' } },
      ],
      reason: 'tool_calls',
    })
  })

  test('a rate limit comes through as one', async () => {
    expect((await ask('busy')).error).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 3000 })
  })
})

describe('byte by byte', () => {
  let upstream: Upstream
  beforeEach(async () => {
    upstream = await startUpstream()
  })
  afterEach(() => upstream.close())
  const answer = (...frames: string[]) => upstream.answerWith((response) => stream(response, ...frames).end())
  const responsesAnswer = created() + messageAdded() + textDelta('ok') + completed()

  test.each(['', '/', '/openai', '/openai/', '/openai/v1', '/openai/v1/'])(
    'the endpoint may be given as far as %j',
    async (path) => {
      answer(responsesAnswer)
      const { origin } = new URL(upstream.url)
      expect((await askAt(`${origin}${path}`)).text).toBe('ok')
      answer(frame({ content: 'ok' }), end(), done)
      expect((await askAt(`${origin}${path}`, {}, dated)).text).toBe('ok')
      expect(upstream.requests.map((request) => request.path)).toEqual([
        '/openai/v1/responses',
        '/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21',
      ])
      expect(upstream.requests.map(({ headers }) => headers['api-key'])).toEqual(['azure-key', 'azure-key'])
    },
  )

  test('a deployment is asked to reason where that was asked for, whatever its name', async () => {
    answer(responsesAnswer)
    await askAt(upstream.url, { parameters: { temperature: 0.5 } }, { reasoning: 'low' })
    await askAt(upstream.url, { parameters: { temperature: 0.5 } })
    const [reasoning, plain] = upstream.requests.map(({ body }) => body)
    expect(reasoning).toMatchObject({ model: 'my-deployment', store: false, reasoning: { effort: 'low' } })
    expect(reasoning).not.toHaveProperty('temperature')
    expect(plain).toMatchObject({ temperature: 0.5 })
    expect(plain).not.toHaveProperty('reasoning')
  })

  test('so is one of a dated API, whose limit of tokens then has another name', async () => {
    answer(frame({ content: 'ok' }), end(), done)
    const parameters = { temperature: 0.5, max_tokens: 100 }
    await askAt(upstream.url, { parameters }, { ...dated, reasoning: 'low' })
    await askAt(upstream.url, { parameters }, dated)
    const [reasoning, plain] = upstream.requests.map(({ body }) => body)
    expect(reasoning).toMatchObject({ reasoning_effort: 'low', max_completion_tokens: 100 })
    for (const name of ['temperature', 'max_tokens', 'store']) expect(reasoning).not.toHaveProperty(name)
    expect(plain).toMatchObject({ temperature: 0.5, max_tokens: 100 })
  })

  test('what a deployment reasoned goes back to it, sealed, with the results of its tools', async () => {
    answer(created(), reasoned('I must look.', 'sealed'), called('call_9', 'weather', '{"city":"Oslo"}'), completed())
    const request = { tools: [weatherTool], parameters: { reasoning: 'low' } } as const
    const finish = (await askAt(upstream.url, request)).chunks.at(-1)
    const replay = finish?.type === 'finish' ? finish.replay : undefined
    const parts = replay?.map((part) => (part.type === 'tool_call' ? { ...part, call: 'c1' } : part)) ?? []
    const prompt = toolRound({ replay: { provider: 'azure', model: 'my-deployment', parts } })
    await askAt(upstream.url, { ...request, prompt })
    expect(upstream.requests[0]?.body).toMatchObject({ include: ['reasoning.encrypted_content'] })
    expect(upstream.requests[1]?.body['input']).toMatchObject([
      { role: 'user' },
      { type: 'reasoning', encrypted_content: 'sealed' },
      { type: 'function_call', call_id: 'c1' },
      { type: 'function_call_output', call_id: 'c1' },
    ])
  })

  test('usage of a dated API tells cached and reasoning tokens', async () => {
    const details = {
      prompt_tokens_details: { cached_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 2 },
    }
    // Azure begins with what its filter found in the prompt.
    const prelude = `data: ${JSON.stringify({ id: '', model: '', choices: [], prompt_filter_results: [] })}\n\n`
    answer(prelude, frame({ content: 'ok' }), end(), usage(9, 4, details), done)
    expect((await askAt(upstream.url, {}, dated)).usage).toEqual({
      input_tokens: 9,
      output_tokens: 4,
      cached_tokens: 5,
      reasoning_tokens: 2,
    })
    expect(upstream.requests[0]?.body).toMatchObject({ stream_options: { include_usage: true } })
  })

  test('its content filter may end an answer, and may refuse a prompt', async () => {
    answer(frame({ content: 'How to' }), end('content_filter'), done)
    expect(await askAt(upstream.url, {}, dated)).toMatchObject({ text: 'How to', reason: 'content_filter' })
    upstream.answerWith((response) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      const innererror = { code: 'ResponsibleAIPolicyViolation', content_filter_result: {} }
      response.end(JSON.stringify({ error: { message: 'The prompt was filtered', code: null, innererror } }))
    })
    expect((await askAt(upstream.url)).error).toMatchObject({ code: 'provider_content_filtered', retryable: false })
  })

  test.each([
    ['no end', frame({ content: 'Once' })],
    ['an end of its stream alone', frame({ content: 'Once' }) + done],
    ['broken JSON', `${frame({ content: 'Once' })}data: {"choices": [{"del\n\n${end()}${done}`],
    ['an error', `${frame({ content: 'Once' })}data: {"error":{"message":"oops","code":"who_knows"}}\n\n`],
  ])('an answer of a dated API with %s is broken', async (_what, bytes) => {
    answer(bytes)
    const { text, reason, error } = await askAt(upstream.url, {}, dated)
    expect({ text, reason, code: error?.code }).toEqual({ text: 'Once', reason: undefined, code: 'provider_broken' })
  })
})
