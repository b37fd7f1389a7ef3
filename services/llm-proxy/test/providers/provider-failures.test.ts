import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RouteSettings } from '@spool/config'
import { openProvider } from '../../src/providers/open-provider.ts'
import { ProviderError } from '../../src/providers/provider-error.ts'
import { routeTo } from './route-to.ts'
import { end, frame, startUpstream, stream, type Upstream } from './upstream.ts'

const key = 'a-key-of-no-known-form'
const question = 'the question nobody may log'

let upstream: Upstream
beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

/** Reads an answer that fails: what came before, and the error. */
async function failure(
  about: Partial<RouteSettings> = {},
  options: { maxLineBytes?: number } = {},
): Promise<{ text: string; error: ProviderError }> {
  let text = ''
  try {
    const route = routeTo('openai-compatible', { baseUrl: upstream.url, ...about })
    const provider = openProvider(route, { key, ...options })
    const chunks = provider.generate({
      prompt: [{ role: 'user', content: [{ type: 'text', text: question }] }],
      keptText: '',
      parameters: {},
      signal: new AbortController().signal,
    })
    for await (const chunk of chunks) if (chunk.type === 'text') text += chunk.text
  } catch (error) {
    if (error instanceof ProviderError) return { text, error }
    throw error
  }
  throw new Error(`the answer did not fail: ${text}`)
}

const refuse = (status: number, body: object | string, headers: Record<string, string> = {}) =>
  upstream.answerWith((response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })

test.each([
  [400, 'provider_bad_request', false],
  [401, 'provider_refused', false],
  [403, 'provider_refused', false],
  [404, 'provider_unknown_model', false],
  [408, 'provider_unavailable', true],
  [413, 'provider_context_too_long', false],
  [422, 'provider_bad_request', false],
  [429, 'provider_rate_limited', true],
  [500, 'provider_unavailable', true],
  [503, 'provider_unavailable', true],
])('status %i is %s, retryable: %s', async (status, code, retryable) => {
  refuse(status, { error: { message: 'no' } })
  expect((await failure()).error).toMatchObject({ code, retryable })
})

test('a body that is no JSON, or none at all, changes nothing about that', async () => {
  refuse(502, '<html>Bad gateway</html>')
  expect((await failure()).error).toMatchObject({ code: 'provider_unavailable' })
  refuse(502, '')
  expect((await failure()).error).toMatchObject({ code: 'provider_unavailable' })
})

test('a rate limit says for how long', async () => {
  refuse(429, { error: { message: 'slow down' } }, { 'retry-after': '7' })
  expect((await failure()).error).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 7000 })
})

test.each([
  ['context_length_exceeded', 'provider_context_too_long'],
  ['content_filter', 'provider_content_filtered'],
])('a 400 with the code %s is %s', async (code, expected) => {
  refuse(400, { error: { message: 'no', code } })
  expect((await failure()).error).toMatchObject({ code: expected, retryable: false })
})

test('a 400 tells what the provider says about it', async () => {
  refuse(400, { error: { message: 'temperature must be at most 2' } })
  expect((await failure()).error.message).toContain('temperature must be at most 2')
})

test.each([400, 401, 500])(
  'no key, no prompt and no stack is in the text of a %i, and no prompt in its depths',
  async (status) => {
    refuse(status, { error: { message: `Incorrect API key provided: ${key}, sk-0123456789abcdef0123` } })
    const { error } = await failure()
    expect(error.message).not.toMatch(/sk-0123|\n|\bat /)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(key)
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(question)
  },
)

test('nobody listening is unreachable, and the text says what to check', async () => {
  await upstream.close()
  const { error } = await failure()
  expect(error).toMatchObject({ code: 'provider_unreachable', retryable: true })
  expect(error.message).toContain('base URL')
  expect(inspect(error, { depth: 10 })).not.toContain(question)
})

test('a connection that is closed without a word is unreachable', async () => {
  upstream.answerWith((response) => response.destroy())
  expect((await failure()).error).toMatchObject({ code: 'provider_unreachable', retryable: true })
})

test('a cut in mid-answer keeps the text so far and is worth another try', async () => {
  upstream.answerWith(async (response) => {
    stream(response, frame({ content: 'Once ' }), frame({ content: 'upon' }))
    // Half a frame, and then nothing: let the bytes leave before the cut.
    await new Promise<void>((resolve) => response.write('data: {"id":"chat', () => resolve()))
    setImmediate(() => response.destroy())
  })
  const { text, error } = await failure()
  expect(text).toBe('Once upon')
  expect(error).toMatchObject({ code: 'provider_broken', retryable: true })
})

test('an answer that ends without saying that it ends is broken', async () => {
  upstream.answerWith((response) => stream(response, frame({ content: 'Once' })).end())
  const { text, error } = await failure()
  expect(text).toBe('Once')
  expect(error).toMatchObject({ code: 'provider_broken', retryable: true })
})

test.each([
  ['broken JSON', 'data: {"choices": [{"delta": {"content": "ha\n\n'],
  ['JSON of another kind', 'data: {"weather": "fine"}\n\n'],
  ['a web page', '<html><body>Welcome to the hotel network</body></html>'],
])('garbage (%s) is broken, without the garbage in the error', async (_kind, garbage) => {
  upstream.answerWith((response) => stream(response, frame({ content: 'Once' }), garbage, end()).end())
  const { error } = await failure()
  expect(error).toMatchObject({ code: 'provider_broken', retryable: true })
  expect(inspect(error, { depth: 10 })).not.toMatch(/weather|hotel|"ha/)
})

test('a line that never ends is cut off at its limit', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  upstream.answerWith((response) => {
    response.on('close', resolve)
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(16_000))) continue
    }
    stream(response, frame({ content: 'Once' }), 'data: ')
    response.on('drain', more)
    more()
  })
  const { text, error } = await failure({}, { maxLineBytes: 100_000 })
  expect(text).toBe('Once')
  expect(error).toMatchObject({ code: 'provider_broken', message: expect.stringContaining('100000 bytes') })
  await closed
})

test.each([
  [{ message: 'slow down', code: 'rate_limit_exceeded' }, 'provider_rate_limited'],
  [{ message: 'busy', type: 'overloaded_error' }, 'provider_unavailable'],
  [{ message: 'oops', type: 'server_error' }, 'provider_unavailable'],
  [{ message: 'too much', code: 'context_length_exceeded' }, 'provider_context_too_long'],
  [{ message: 'who knows' }, 'provider_broken'],
])('an error in the stream (%j) is %s', async (error, code) => {
  upstream.answerWith((response) =>
    stream(response, frame({ content: 'Once' }), `data: ${JSON.stringify({ error })}\n\n`).end(),
  )
  const failed = await failure()
  expect(failed.text).toBe('Once')
  expect(failed.error.code).toBe(code)
})

test('a first token that is late ends the call, also when other frames come', async () => {
  const timers: NodeJS.Timeout[] = []
  upstream.answerWith((response) => {
    stream(response, frame({ role: 'assistant', content: '' }))
    timers.push(setInterval(() => response.write(frame({ content: '' })), 20))
  })
  const since = performance.now()
  const { error } = await failure({ firstTokenTimeoutMs: 150 })
  for (const timer of timers) clearInterval(timer)
  expect(error).toMatchObject({ code: 'provider_timed_out', retryable: true })
  expect(performance.now() - since).toBeLessThan(1_000)
  await upstream.requests[0]?.closed
})

test('an answer that stops coming is stalled; its connection is closed', async () => {
  upstream.answerWith((response) => stream(response, frame({ content: 'Once' })))
  const { text, error } = await failure({ stallTimeoutMs: 100 })
  expect(text).toBe('Once')
  expect(error).toMatchObject({ code: 'provider_stalled', retryable: true })
  await upstream.requests[0]?.closed
})
