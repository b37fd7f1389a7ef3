import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RouteSettings } from '@spool/config'
import { openProvider } from '../../src/providers/open-provider.ts'
import { ProviderError } from '../../src/providers/provider-error.ts'
import { answerOf } from './answer-of.ts'
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

test('a 400 tells what the provider says about it', async () => {
  refuse(400, { error: { message: 'temperature must be at most 2' } })
  expect((await failure()).error.message).toContain('temperature must be at most 2')
})

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
  [{ error: { message: 'slow down', code: 'rate_limit_exceeded' } }, 'provider_rate_limited'],
  [{ error: { message: 'busy', type: 'overloaded_error' } }, 'provider_unavailable'],
  [{ error: { message: 'oops', type: 'server_error' } }, 'provider_unavailable'],
  [{ error: { message: 'Provider disconnected', code: 502 }, choices: [] }, 'provider_unavailable'],
  [{ error: { message: 'no credit', code: 'insufficient_quota' } }, 'provider_quota_exhausted'],
  [{ error: { message: 'too much', code: 'context_length_exceeded' } }, 'provider_context_too_long'],
  [{ error: { message: 'the request exceeds the available context size', code: 400 } }, 'provider_context_too_long'],
  [{ error: 'Reached context length of 4096 tokens with this model' }, 'provider_context_too_long'],
  [{ object: 'error', message: 'unknown tool', type: 'BadRequestError', code: 400 }, 'provider_bad_request'],
  [{ error: { message: 'who knows' } }, 'provider_broken'],
])('an error in the stream (%j) is %s, and holds no key', async (said, code) => {
  const report = JSON.stringify(said).replace('"message":"', `"message":"${key} `)
  upstream.answerWith((response) => stream(response, frame({ content: 'Once' }), `data: ${report}\n\n`).end())
  const { text, error } = await failure()
  expect(text).toBe('Once')
  expect(error.code).toBe(code)
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(key)
})

test.each(['error', 'abort', 'insufficient_system_resource'])(
  'an answer that ends for the reason %j is broken',
  async (reason) => {
    upstream.answerWith((response) => stream(response, frame({ content: 'Once' }), end(reason)).end())
    expect((await failure()).error).toMatchObject({ code: 'provider_broken', retryable: true })
  },
)

test('a compressed answer is read as it comes, and one that is cut off is broken', async () => {
  const packed = gzipSync(frame({ content: 'Once' }) + frame({ content: ' upon' }) + end())
  const answer = (bytes: Uint8Array) =>
    upstream.answerWith((response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' }).end(bytes)
    })
  answer(packed)
  expect(await answerOf(openProvider(routeTo('openai-compatible', { baseUrl: upstream.url })))).toMatchObject({
    text: 'Once upon',
    reason: 'stop',
  })
  answer(packed.subarray(0, packed.length - 20))
  expect((await failure()).error).toMatchObject({ code: 'provider_broken' })
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
