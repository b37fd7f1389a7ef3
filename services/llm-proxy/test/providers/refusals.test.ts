import { inspect } from 'node:util'
import type { ProviderName, RouteSettings } from '@spool/config'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import { answerOf, userSays } from './answer-of.ts'
import { routeTo } from './route-to.ts'
import { startUpstream, type Upstream } from './upstream.ts'

const key = 'a-key-of-no-known-form'
const question = 'the question nobody may log'

let upstream: Upstream
beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

const ask = async (provider: ProviderName, about: Partial<RouteSettings> = {}) => {
  const route = routeTo(provider, { baseUrl: upstream.url, ...about })
  const { error } = await answerOf(openProvider(route, { key }), { prompt: [userSays(question)] })
  if (error === undefined) throw new Error('It was not refused')
  return error
}

const refuse = (status: number, body: object | string, headers: Record<string, string> = {}) =>
  upstream.answerWith((response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })

describe.each<[name: string, provider: ProviderName, about: Partial<RouteSettings>]>([
  ['openai', 'openai', {}],
  ['azure, v1', 'azure', {}],
  ['azure, dated', 'azure', { apiVersion: '2024-10-21' }],
  ['openai-compatible', 'openai-compatible', {}],
])('%s', (_name, provider, about) => {
  test.each([
    [307, 'provider_unknown_model', false],
    [400, 'provider_bad_request', false],
    [401, 'provider_refused', false],
    [402, 'provider_quota_exhausted', false],
    [403, 'provider_refused', false],
    [404, 'provider_unknown_model', false],
    [408, 'provider_unavailable', true],
    [409, 'provider_unavailable', true],
    [413, 'provider_context_too_long', false],
    [422, 'provider_bad_request', false],
    [429, 'provider_rate_limited', true],
    [500, 'provider_unavailable', true],
    [503, 'provider_unavailable', true],
    [529, 'provider_unavailable', true],
  ])('%i is %s, retryable: %s, whatever its body', async (status, code, retryable) => {
    for (const body of [{ error: { message: 'no' } }, { error: 'no' }, '<html>context length</html>', '']) {
      refuse(status, body, { location: 'http://127.0.0.1:9/' })
      expect(await ask(provider, about)).toMatchObject({ code, retryable })
    }
  })

  test.each([
    [429, { code: 'insufficient_quota' }, 'provider_quota_exhausted'],
    [429, { type: 'insufficient_quota' }, 'provider_quota_exhausted'],
    [400, { code: 'context_length_exceeded' }, 'provider_context_too_long'],
    [400, { code: 'content_policy_violation' }, 'provider_content_filtered'],
    [400, { code: 'content_filter' }, 'provider_content_filtered'],
  ])('%i with %j is %s', async (status, error, code) => {
    refuse(status, { error: { message: 'no', ...error } })
    expect(await ask(provider, about)).toMatchObject({ code, retryable: false })
  })

  test('more tokens than go into a minute are too many at any time', async () => {
    const message = 'Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000.'
    refuse(429, { error: { message, code: 'rate_limit_exceeded' } })
    expect(await ask(provider, about)).toMatchObject({ code: 'provider_context_too_long', retryable: false })
    refuse(429, { error: { message: 'Rate limit reached on tokens per min', code: 'rate_limit_exceeded' } })
    expect(await ask(provider, about)).toMatchObject({ code: 'provider_rate_limited' })
  })

  test('it may say when to come back, in seconds, milliseconds or as a date', async () => {
    refuse(429, { error: { message: 'slow down' } }, { 'retry-after': '7' })
    expect(await ask(provider, about)).toMatchObject({ retryAfterMs: 7000 })
    refuse(503, { error: { message: 'slow down' } }, { 'retry-after-ms': '120', 'retry-after': '7' })
    expect(await ask(provider, about)).toMatchObject({ retryAfterMs: 120 })
    refuse(429, {}, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })
    const { retryAfterMs } = await ask(provider, about)
    expect(retryAfterMs).toBeGreaterThan(50_000)
    expect(retryAfterMs).toBeLessThanOrEqual(60_000)
  })

  test('a redirect is not followed: the key would go along', async () => {
    const elsewhere = await startUpstream()
    refuse(308, '', { location: elsewhere.url })
    expect((await ask(provider, about)).message).toContain('base URL')
    expect(elsewhere.requests).toEqual([])
    await elsewhere.close()
  })

  test('an explanation without an end is read no further than it takes', async () => {
    const { promise: closed, resolve } = Promise.withResolvers<void>()
    let sentBytes = 0
    upstream.answerWith((response) => {
      response.on('close', resolve)
      response.writeHead(500, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_000))) sentBytes += 16_000
      }
      response.on('drain', more)
      more()
    })
    expect(await ask(provider, about)).toMatchObject({ code: 'provider_unavailable' })
    await closed
    // What is under way when we stop reading; without an end it would be without a bound.
    expect(sentBytes).toBeLessThan(50_000_000)
  })

  test.each([400, 401, 403, 404, 429, 500])(
    'neither the key nor the prompt is in the error of a %i',
    async (status) => {
      const message = `Incorrect API key provided: ${key}, sk-0123456789abcdef0123. You asked: ${question}`
      refuse(status, { error: { message, code: key, type: key, param: key } }, { 'x-echo': key, 'retry-after': key })
      const error = await ask(provider, about)
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(key)
      expect(error.message).not.toMatch(/sk-0123|\n/)
      // Of a bad request the provider's own words are shown, to the one who asked.
      if (status !== 400) expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(question)
      expect(inspect(error.cause, { depth: 10, showHidden: true })).not.toContain(question)
    },
  )

  test('what to do is said: which variable to check, or to name one', async () => {
    refuse(401, {})
    expect((await ask(provider, about)).message).toContain('TEST_API_KEY')
  })
})

test('without a key, a 401 says that one is wanted', async () => {
  refuse(401, {})
  const route = { ...routeTo('openai-compatible', { baseUrl: upstream.url }), keyEnv: '' }
  const { keyEnv: _none, ...keyless } = route
  const { error } = await answerOf(openProvider(keyless))
  expect(error?.message).toContain('key_env')
  expect(upstream.requests[0]?.headers).not.toHaveProperty('authorization')
})

test('a key that no header can hold is refused without showing it; a line break around it is no part of it', async () => {
  const route = routeTo('openai', { baseUrl: upstream.url })
  for (const bad of ['kéy-with-accent', 'two\nlines', 'a key']) {
    const { error } = await answerOf(openProvider(route, { key: bad }))
    expect(error).toMatchObject({ code: 'provider_refused', message: expect.stringContaining('TEST_API_KEY') })
    expect(inspect(error, { depth: 10 })).not.toContain(bad)
  }
  expect(upstream.requests).toHaveLength(0)
  refuse(500, {})
  await answerOf(openProvider(route, { key: `${key}\n` }))
  expect(upstream.requests[0]?.headers.authorization).toBe(`Bearer ${key}`)
})

test.each([
  ['OpenAI', 400, "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000."],
  ['vLLM', 400, 'The decoder prompt (length 9000) is longer than the maximum model length of 4096.'],
  ['llama.cpp', 400, 'the request exceeds the available context size, try increasing it'],
  ['llama.cpp', 500, 'request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it'],
  [
    'LM Studio',
    400,
    'Trying to keep the first 5000 tokens when context the overflows. The context length is only 4096.',
  ],
  ['TGI', 422, 'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096.'],
  ['Mistral', 400, 'Prompt contains 40000 tokens, too large for model with 32768 maximum context length'],
  ['xAI', 400, "This model's maximum prompt length is 131072 but the request contains 200000 tokens."],
  [
    'vLLM',
    400,
    "You passed 5000 input tokens and requested 99. However, the model's context length is only 4096 tokens.",
  ],
  ['LM Studio', 400, 'Cannot truncate prompt with n_keep (5100) >= n_ctx (4096)'],
  ['LM Studio', 400, 'The number of tokens to keep from the initial prompt is greater than the context length.'],
  [
    'OpenRouter',
    400,
    "This endpoint's maximum context length is 32768 tokens. However, you requested about 40000 tokens.",
  ],
  ['OpenRouter', 400, 'Input length 300000 exceeds the maximum allowed input length of 262144 tokens.'],
  ['LiteLLM', 400, 'litellm.ContextWindowExceededError: litellm.BadRequestError: XAIException - too much'],
  ['Together', 400, "The input (300000 tokens) is longer than the model's context length (131072 tokens)."],
  ['GitHub', 400, 'prompt token count of 130000 exceeds the limit of 128000'],
  ['MiniMax', 400, 'invalid params, context window exceeds limit'],
  ['Moonshot', 400, 'Your request exceeded model token limit: 262144 (requested: 300000)'],
  ['DashScope', 400, 'Range of input length should be [1, 98304]'],
  ['Cohere', 400, 'too many tokens: total number of tokens in the prompt cannot exceed 4081'],
  ['Bedrock', 400, 'Input is too long for requested model.'],
  ['Groq', 400, 'Please reduce the length of the messages or completion.'],
  ['Groq', 413, 'Request too large for model in organization on tokens per minute (TPM): Limit 6000.'],
  ['OpenAI', 429, 'Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 40000.'],
])('%s says in words that the context is too long (%i)', async (_server, status, message) => {
  for (const body of [{ error: { message } }, { error: message }, { object: 'error', message, code: status }]) {
    refuse(status, body)
    expect(await ask('openai-compatible')).toMatchObject({ code: 'provider_context_too_long' })
  }
})

test.each([
  [400, 'max_tokens is too large: 50000. This model supports at most 16384 completion tokens.', 'provider_bad_request'],
  [402, 'Insufficient Balance', 'provider_quota_exhausted'],
  [403, 'Key limit exceeded. Insufficient credits.', 'provider_quota_exhausted'],
  [403, 'Your input was flagged: it requires moderation', 'provider_content_filtered'],
  [429, 'You exceeded your current quota, please check your plan and billing details.', 'provider_quota_exhausted'],
  [500, 'Out of memory', 'provider_unavailable'],
])('%i in the words %j is %s', async (status, message, code) => {
  refuse(status, { error: { message } })
  expect(await ask('openai-compatible')).toMatchObject({ code })
})
