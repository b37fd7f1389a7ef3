import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { genAiMetrics, routeMetrics, startTelemetry, type Telemetry } from '@spool/telemetry'
import { startTraceCollector, type TraceCollector } from '@spool/telemetry/testing'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type Upstream, done, end, frame, startUpstream, stream, usage } from './providers/upstream.ts'
import { Conversation } from './support/conversation.ts'
import { Scrape } from './support/scrape.ts'
import { System } from './support/system.ts'
import { until } from './support/until.ts'

const KEY = 'key-of-the-provider-0123456789'
const CONTENT = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT'

let folder: string
let collector: TraceCollector
let telemetry: Telemetry
let system: System
let first: Upstream
let second: Upstream

beforeAll(async () => {
  collector = await startTraceCollector()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
  vi.stubEnv('OTEL_EXPORTER_OTLP_PROTOCOL', 'http/json')
  telemetry = await startTelemetry({ service: 'llm-proxy', instance: 'llm-proxy-1' })
  first = await startUpstream()
  second = await startUpstream()
  folder = mkdtempSync(join(tmpdir(), 'spool-observing-'))
  system = await System.start()
  await system.proxy({ SPOOL_CONFIG: catalogue(), THE_KEY: KEY })
})
afterEach(() => vi.stubEnv(CONTENT, undefined))
afterAll(async () => {
  await system?.stop()
  await Promise.all([first?.close(), second?.close()])
  await telemetry?.shutdown()
  await collector?.close()
  rmSync(folder, { recursive: true, force: true })
  vi.unstubAllEnvs()
})

const way = (model: string, { url }: Upstream) =>
  `    - { provider: openai-compatible, model: ${model}, base_url: "${url}", key_env: THE_KEY, attempts: 1, temperature: 0.5 }\n`

/** Each test asks for models of its own: metrics are the process's. */
function catalogue(): string {
  const file = join(folder, 'spool.config.yaml')
  const alone = ['default', 'failing', 'unholdable', 'content', 'quiet', 'large', 'breaking'].map(
    (name) => `  ${name}:\n${way(`${name}-model`, first)}`,
  )
  const both = ['two', 'going-on'].map((name) => `  ${name}:\n${way(`${name}-a`, first)}${way(`${name}-b`, second)}`)
  writeFileSync(file, `models:\n${alone.join('')}${both.join('')}`)
  return file
}

const details = { prompt_tokens_details: { cached_tokens: 3 }, completion_tokens_details: { reasoning_tokens: 2 } }

/** An answer in these pieces, with the usage of one that cost something. */
const says =
  (...texts: string[]): Parameters<Upstream['answerWith']>[0] =>
  (response) =>
    stream(response, ...texts.map((content) => frame({ content })), end(), usage(7, 5, details), done).end()

const refuses: Parameters<Upstream['answerWith']>[0] = (response) => response.writeHead(503).end('{}')

async function ask(...question: Parameters<Conversation['ask']>): Promise<Conversation> {
  const conversation = new Conversation(system.log)
  await conversation.ask(...question)
  await conversation.closed()
  return conversation
}

const spanOf = ({ run }: Conversation, attempt = 1) =>
  collector.span(({ attributes }) => attributes['spool.run'] === run && attributes['spool.attempt'] === attempt)

const labels = (model: string) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai-compatible',
  'gen_ai.request.model': model,
})

test('a call is a span that says who was asked for what and what that took', async () => {
  first.answerWith(says('Good ', 'day.'))
  const conversation = await ask('default', 'Hello')
  const span = await spanOf(conversation)
  const { hostname, port } = new URL(first.url)
  expect(span).toMatchObject({ name: 'chat default-model', kind: 'client', error: undefined })
  expect(span.attributes).toMatchObject({
    ...labels('default-model'),
    'spool.model': 'default',
    'server.address': hostname,
    'server.port': Number(port),
    'gen_ai.request.stream': true,
    'gen_ai.request.temperature': 0.5,
    'gen_ai.conversation.id': conversation.ref.session,
    'gen_ai.response.id': 'chatcmpl-1',
    'gen_ai.response.model': 'model-2026',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.response.time_to_first_chunk': expect.any(Number),
    'gen_ai.usage.input_tokens': 7,
    'gen_ai.usage.output_tokens': 5,
    'gen_ai.usage.cache_read.input_tokens': 3,
    'gen_ai.usage.reasoning.output_tokens': 2,
    outcome: 'completed',
    'spool.purpose': 'answer',
    reason: 'first',
  })
})

test('two calls are counted twice, each with its tokens, its time and its first chunk', async () => {
  const before = await Scrape.of(telemetry)
  first.answerWith(says(...Array.from({ length: 40 }, () => 'word ')))
  await ask('default')
  await ask('default')
  let after = before
  const grown = (name: string) =>
    (after.value(name, labels('default-model')) ?? 0) - (before.value(name, labels('default-model')) ?? 0)
  await until('both are measured', async () => {
    after = await Scrape.of(telemetry)
    return grown(`${genAiMetrics.outputTokensPerCall.name}_count`) === 2
  })
  const { duration, timeToFirstChunk, timePerOutputChunk, inputTokensPerCall, outputTokensPerCall } = genAiMetrics
  expect(grown(`${duration.name}_count`)).toBe(2)
  expect(grown(`${timeToFirstChunk.name}_count`)).toBe(2)
  // 78 pauses, one in 16 of which is measured.
  expect(grown(`${timePerOutputChunk.name}_count`)).toBeGreaterThanOrEqual(4)
  expect(grown(`${timePerOutputChunk.name}_count`)).toBeLessThanOrEqual(5)
  expect(grown(`${inputTokensPerCall.name}_sum`)).toBe(14)
  expect(grown(`${outputTokensPerCall.name}_sum`)).toBe(10)
  expect(grown(`${genAiMetrics.inputTokens.name}_total`)).toBe(14)
  expect(grown(`${genAiMetrics.outputTokens.name}_total`)).toBe(10)
  expect(grown(`${genAiMetrics.cacheReadInputTokens.name}_total`)).toBe(6)
  expect(grown(`${genAiMetrics.reasoningOutputTokens.name}_total`)).toBe(4)
})

test('a call that fails is an error by its code, in its span and in the metrics', async () => {
  first.answerWith(refuses)
  const span = await spanOf(await ask('failing'))
  expect(span.error).toBe('provider_unavailable')
  expect(span.attributes).toMatchObject({
    'error.type': 'provider_unavailable',
    'gen_ai.response.finish_reasons': ['error'],
    outcome: 'failed',
  })
  const scrape = await Scrape.of(telemetry)
  const failed = { ...labels('failing-model'), 'error.type': 'provider_unavailable' }
  expect(scrape.value(`${genAiMetrics.duration.name}_count`, failed)).toBe(1)
  expect(scrape.value(`${genAiMetrics.inputTokens.name}_total`, labels('failing-model'))).toBe(0)
  expect(scrape.value(`${genAiMetrics.inputTokensPerCall.name}_count`, labels('failing-model'))).toBeUndefined()
  const { 'gen_ai.operation.name': _, ...ofRoute } = failed
  expect(scrape.value(`${routeMetrics.failures.name}_total`, { ...ofRoute, 'spool.model': 'failing' })).toBe(1)
})

test('a call that failed and yet cost something is counted with what it cost', async () => {
  // More than the end of a message can hold.
  const big = { name: 'big', arguments: `"${'x'.repeat(60_000)}"` }
  const calls = Array.from({ length: 5 }, (_, index) =>
    frame({ tool_calls: [{ index, id: `c${index}`, function: big }] }),
  )
  first.answerWith((response) => stream(response, ...calls, end('tool_calls'), usage(7, 5, details), done).end())
  const span = await spanOf(await ask('unholdable'))
  expect(span.attributes).toMatchObject({ outcome: 'failed', 'gen_ai.usage.output_tokens': 5 })
  const scrape = await Scrape.of(telemetry)
  expect(scrape.value(`${genAiMetrics.outputTokens.name}_total`, labels('unholdable-model'))).toBe(5)
  expect(scrape.value(`${genAiMetrics.outputTokensPerCall.name}_count`, labels('unholdable-model'))).toBeUndefined()
})

test('a failover is two spans of one trace, and its tokens are counted once', async () => {
  first.answerWith(refuses)
  second.answerWith(says('Here.'))
  const conversation = await ask('two')
  const [failed, good] = [await spanOf(conversation, 1), await spanOf(conversation, 2)]
  expect([failed, good].map(({ name, error, attributes: { reason } }) => [name, error, reason])).toEqual([
    ['chat two-a', 'provider_unavailable', 'first'],
    ['chat two-b', undefined, 'failover'],
  ])
  expect(good.parentSpanId).toBe(failed.parentSpanId)
  const scrape = await Scrape.of(telemetry)
  const tokens = (model: string) => scrape.value(`${genAiMetrics.outputTokens.name}_total`, labels(model))
  expect([tokens('two-a'), tokens('two-b')]).toEqual([0, 5])
  expect(conversation.answer.usage).toMatchObject({ input_tokens: 7, output_tokens: 5 })
})

const QUESTION = 'What-nobody-else-may-read'
const ANSWER = 'An-answer-for-one-alone'
const INSTRUCTIONS = 'Instructions-behind-the-curtain'

test('no word of question, instructions or answer is in anything that is sent, and no key', async () => {
  first.answerWith(says(`${ANSWER} `, 'indeed.'))
  const asked = await ask('quiet', QUESTION, { instructions: INSTRUCTIONS })
  await spanOf(asked)
  first.answerWith((response) => response.writeHead(400).end(JSON.stringify({ error: { message: QUESTION + KEY } })))
  await spanOf(await ask('quiet', QUESTION))
  const everything = [...collector.bodies, (await Scrape.of(telemetry)).text].join('\n')
  expect(everything).toContain('quiet-model')
  for (const secret of [QUESTION, ANSWER, INSTRUCTIONS, KEY]) expect(everything).not.toContain(secret)
})

test('where it is switched on the span holds what was said, and still no key', async () => {
  vi.stubEnv(CONTENT, 'true')
  const pasted = 'sk-pasted-by-a-careless-person-0123456789'
  first.answerWith(says(`${ANSWER} `, 'indeed.'))
  const { attributes } = await spanOf(
    await ask('content', `${QUESTION} with ${pasted}`, { instructions: INSTRUCTIONS }),
  )
  const parsed = (name: string) => JSON.parse(attributes[`gen_ai.${name}`] as string) as unknown
  expect(parsed('system_instructions')).toEqual([{ type: 'text', content: INSTRUCTIONS }])
  expect(parsed('input.messages')).toEqual([
    { role: 'user', parts: [{ type: 'text', content: `${QUESTION} with [hidden]` }] },
  ])
  expect(parsed('output.messages')).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: `${ANSWER} indeed.` }] },
  ])
  for (const secret of [KEY, pasted]) expect(collector.bodies.join('')).not.toContain(secret)
})

test('of an answer that two calls made each tells its own part', async () => {
  vi.stubEnv(CONTENT, 'span_only')
  first.answerWith((response) => {
    stream(response, frame({ content: 'Once upon ' }), frame({ content: 'a time' }))
    setImmediate(() => response.destroy())
  })
  second.answerWith(says(' there was', ' an end.'))
  const conversation = await ask('going-on')
  expect(conversation.answer.text).toBe('Once upon a time there was an end.')
  const said = async (attempt: number) => {
    const { attributes } = await spanOf(conversation, attempt)
    return [attributes['gen_ai.input.messages'], attributes['gen_ai.output.messages']].map((messages) =>
      (JSON.parse(messages as string) as { parts: { content: string }[] }[]).flatMap(({ parts }) =>
        parts.map(({ content }) => content),
      ),
    )
  }
  expect(await said(1)).toEqual([['Hello'], ['Once upon a time']])
  expect(await said(2)).toEqual([['Hello', 'Once upon a time'], [' there was an end.']])
})

test('what is very long is cut, and the span is no larger for it', async () => {
  vi.stubEnv(CONTENT, 'true')
  first.answerWith(says('x'.repeat(100_000)))
  const { attributes } = await spanOf(await ask('large', 'y'.repeat(100_000)))
  for (const name of ['gen_ai.input.messages', 'gen_ai.output.messages']) {
    const text = attributes[name] as string
    expect(text.length).toBeLessThan(64 * 1024)
    expect(text).toMatch(/(xxx|yyy)… \(\d+ more\)/)
    expect(() => JSON.parse(text) as unknown).not.toThrow()
  }
})

test('a route that keeps failing is seen to be left out', async () => {
  first.answerWith(refuses)
  const { 'gen_ai.operation.name': _, ...route } = { ...labels('breaking-model'), 'spool.model': 'breaking' }
  const states = async () => {
    const scrape = await Scrape.of(telemetry)
    return ['ok', 'left_out', 'probing'].map((state) => scrape.value(routeMetrics.state.name, { ...route, state }))
  }
  expect(await states()).toEqual([1, 0, 0])
  for (let failure = 1; failure <= 5; failure++) await ask('breaking')
  await until('left out', async () => (await states())[1] === 1)
  expect(await states()).toEqual([0, 1, 0])
  const failures = async () => (await Scrape.of(telemetry)).value(`${routeMetrics.failures.name}_total`, route)
  await until('every failure is counted', async () => (await failures()) === 5)
  const scrape = await Scrape.of(telemetry)
  expect(scrape.value(`${routeMetrics.leftOut.name}_total`, route)).toBe(1)
  expect(scrape.value(routeMetrics.calls.name, route)).toBe(0)
  expect(scrape.value(routeMetrics.waiting.name, route)).toBe(0)
})
