import type { PromptMessage } from '@spool/events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { LLMock } from '@copilotkit/aimock'
import type { RouteSettings } from '@spool/config'
import { openProvider } from '../../src/providers/open-provider.ts'
import type { Chunk, GenerateRequest } from '../../src/providers/provider.ts'
import { answerOf, userSays } from './answer-of.ts'
import { routeTo } from './route-to.ts'
import { done, end, frame, startUpstream, stream, usage, type Upstream } from './upstream.ts'

const key = 'sk-test-0123456789abcdef'
const prompt: PromptMessage[] = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
]

let upstream: Upstream
beforeEach(async () => {
  upstream = await startUpstream()
})
afterEach(() => upstream.close())

function generate(request: Partial<GenerateRequest> = {}, route: Partial<RouteSettings> = {}) {
  const provider = openProvider(routeTo('openai-compatible', { baseUrl: upstream.url, ...route }), { key })
  const signal = new AbortController().signal
  return provider.generate({ prompt, keptText: '', parameters: {}, signal, ...request })
}

async function collect(chunks: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const all: Chunk[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}

const toolCall = (index: number, id: string | undefined, name: string | undefined, text: string) =>
  frame({ tool_calls: [{ index, id, function: { name, arguments: text } }] })

const aboutImage = (url?: string): PromptMessage[] => [
  { role: 'user', content: [{ type: 'file', mediaType: 'image/*', ...(url !== undefined && { url }) }] },
]

const textOf = (chunks: readonly Chunk[]) => chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')

describe('an answer', () => {
  test('comes chunk by chunk, with its usage, its reason and the id of the response', async () => {
    upstream.answerWith((response) => {
      const details = {
        prompt_tokens_details: { cached_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 2 },
      }
      stream(response, frame({ role: 'assistant', content: '' }), frame({ content: 'Hel' }), frame({ content: 'lo' }))
      response.end(end('length') + usage(9, 4, details) + done)
    })
    expect(await collect(generate())).toEqual([
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      {
        type: 'finish',
        reason: 'length',
        usage: { input_tokens: 9, output_tokens: 4, cached_tokens: 5, reasoning_tokens: 2 },
        response: {
          id: 'chatcmpl-1',
          model: 'model-2026',
          finish_reason: 'length',
          usage: expect.objectContaining({ prompt_tokens: 9, completion_tokens: 4 }),
        },
      },
    ])
  })

  test('is asked for with the prompt, the parameters, the tools and the key', async () => {
    upstream.answerWith((response) => stream(response, frame({ content: 'ok' }), end()).end())
    const history: PromptMessage[] = [
      ...prompt,
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Look outside.' },
          { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Oslo' } },
          { type: 'tool-call', toolCallId: 'c2', toolName: 'weather', input: { city: 'Atlantis' } },
        ],
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
          {
            type: 'tool-result',
            toolCallId: 'c2',
            toolName: 'weather',
            output: { type: 'error-text', value: 'No such city.' },
          },
        ],
      },
    ]
    const tools = [{ name: 'weather', description: 'Looks outside', input_schema: { type: 'object' } }]
    await collect(generate({ prompt: history, tools, parameters: { temperature: 0.5, max_tokens: 100 } }))
    expect(upstream.requests[0]?.headers.authorization).toBe(`Bearer ${key}`)
    expect(upstream.requests[0]?.body).toMatchObject({
      model: 'test-model',
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0.5,
      max_tokens: 100,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
        {
          role: 'assistant',
          reasoning_content: 'Look outside.',
          tool_calls: [
            { id: 'c1', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
            { id: 'c2', function: { name: 'weather', arguments: '{"city":"Atlantis"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: '{"degrees":4}' },
        { role: 'tool', tool_call_id: 'c2', content: 'No such city.' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', description: 'Looks outside' } }],
    })
  })

  test('may be about images that are sent inline; an address is nothing that we or a local server should fetch', async () => {
    upstream.answerWith((response) => stream(response, frame({ content: 'a cat' }), end()).end())
    const inline = 'data:image/png;base64,iVBORw0KGgo='
    await collect(generate({ prompt: aboutImage(inline) }))
    expect(upstream.requests[0]?.body['messages']).toMatchObject([
      { content: [{ type: 'image_url', image_url: { url: inline } }] },
    ])
    for (const [url, code] of [
      ['https://example.org/cat.jpg', 'provider_unsupported'],
      [undefined, 'provider_bad_request'],
    ] as const) {
      await expect(collect(generate({ prompt: aboutImage(url) }))).rejects.toMatchObject({ code })
    }
    expect(upstream.requests).toHaveLength(1)
  })

  test('is refused before any request where the conversation holds a file of a kind that nobody there takes', async () => {
    const file = { type: 'file', mediaType: 'application/zip', url: 'data:application/zip;base64,UEsDBA==' } as const
    await expect(collect(generate({ prompt: [{ role: 'user', content: [file] }] }))).rejects.toMatchObject({
      code: 'provider_unsupported',
      message: expect.stringContaining('application/zip'),
    })
    expect(upstream.requests).toHaveLength(0)
  })

  test('may reason and call several tools, whose arguments stream', async () => {
    upstream.answerWith((response) => {
      stream(
        response,
        frame({ reasoning_content: 'Hm. ' }),
        toolCall(0, 'a', 'weather', ''),
        toolCall(0, undefined, undefined, '{"city":'),
      )
      response.end(
        toolCall(0, undefined, undefined, '"Oslo"}') + toolCall(1, 'b', 'clock', '{"zone": oops') + end('tool_calls'),
      )
    })
    const chunks = await collect(generate())
    expect(chunks.filter(({ type }) => type !== 'tool-input')).toMatchObject([
      { type: 'reasoning', text: 'Hm. ' },
      { type: 'tool-call', call: 'a', name: 'weather', input: { city: 'Oslo' } },
      { type: 'tool-call', call: 'b', name: 'clock', input: '{"zone": oops' },
      { type: 'finish', reason: 'tool_calls' },
    ])
    const streamed = chunks.flatMap((chunk) => (chunk.type === 'tool-input' && chunk.call === 'a' ? [chunk] : []))
    expect(streamed.map(({ text }) => text).join('')).toBe('{"city":"Oslo"}')
    expect(streamed[0]?.name).toBe('weather')
  })

  test('is whole although every byte comes in a chunk of its own', async () => {
    const text = 'naïve 🧵 שלום 👩‍💻'
    upstream.answerWith(async (response) => {
      stream(response)
      response.socket?.setNoDelay(true)
      for (const byte of Buffer.from(frame({ content: text }) + end())) {
        response.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      response.end()
    })
    expect(textOf(await collect(generate()))).toBe(text)
  })

  test('goes on after a kept text, which is sent as the beginning of the answer', async () => {
    upstream.answerWith((response) =>
      stream(response, frame({ content: ' upon' }), frame({ content: ' a time' }), end()).end(),
    )
    const keptText = 'Once '
    expect(keptText + textOf(await collect(generate({ keptText })))).toBe('Once upon a time')
    expect(upstream.requests[0]?.body['messages']).toMatchObject([{}, {}, { role: 'assistant', content: 'Once' }])
  })

  test('that repeats what it continues has that dropped where the route says that it does, and only there', async () => {
    upstream.answerWith((response) => {
      stream(response, frame({ content: 'ha' }), frame({ content: ' ha' }), toolCall(0, 'a', 'laugh', '{}'))
      response.end(end('tool_calls'))
    })
    const repeats = await collect(generate({ keptText: 'ha' }, { repeats: true }))
    expect(textOf(repeats)).toBe(' ha')
    expect(textOf(await collect(generate({ keptText: 'ha' })))).toBe('ha ha')
  })

  test('that may still repeat what it continues is held back, and is there before its call and its end', async () => {
    upstream.answerWith((response) => {
      stream(response, frame({ content: 'Once' }), toolCall(0, 'a', 'look', '{}')).end(end('tool_calls'))
    })
    const chunks = await collect(generate({ keptText: 'Once upon a time' }, { repeats: true }))
    expect(chunks.map(({ type }) => type)).toEqual(['text', 'tool-input', 'tool-call', 'finish'])
    upstream.answerWith((response) => stream(response, frame({ content: 'Once' }), end()).end())
    const short = await collect(generate({ keptText: 'Once upon a time' }, { repeats: true }))
    expect(short.map(({ type }) => type)).toEqual(['text', 'finish'])
  })
})

test('an answer that fills the window of its model has come to its length', async () => {
  upstream.answerWith((response) =>
    stream(response, frame({ content: 'Once' }), end('model_context_window_exceeded')).end(),
  )
  expect((await collect(generate())).at(-1)).toMatchObject({ type: 'finish', reason: 'length' })
})

// Our own upstream could share our misunderstandings.
describe('against a mock that others wrote', () => {
  const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 4 })
  beforeAll(async () => {
    mock.onMessage('hello', { content: 'Hi there!', usage: { prompt_tokens: 7, completion_tokens: 6 } })
    mock.onMessage('why', { content: 'Because.', reasoning: 'Let me think about it.' })
    mock.onMessage('weather', {
      toolCalls: [
        { name: 'weather', arguments: '{"city":"Oslo"}', id: 'call_1' },
        { name: 'weather', arguments: '{"city":"Rome"}', id: 'call_2' },
      ],
    })
    mock.onMessage('busy', { error: { message: 'Too many', type: 'rate_limit_error' }, status: 429, retryAfter: 3 })
    await mock.start()
  })
  afterAll(() => mock.stop())
  const ask = (text: string) =>
    answerOf(openProvider(routeTo('openai-compatible', { baseUrl: `${mock.url}/v1` }), { key }), {
      prompt: [userSays(text)],
    })

  test('text and usage come through', async () => {
    expect(await ask('hello')).toMatchObject({
      text: 'Hi there!',
      reason: 'stop',
      usage: { input_tokens: 7, output_tokens: 6 },
    })
  })

  test('reasoning comes through', async () => {
    expect(await ask('why')).toMatchObject({ text: 'Because.', reasoning: 'Let me think about it.' })
  })

  test('several tool calls come through with their arguments', async () => {
    const input = [{ city: 'Oslo' }, { city: 'Rome' }]
    expect(await ask('weather')).toMatchObject({
      calls: input.map((city) => ({ name: 'weather', input: city })),
      reason: 'tool_calls',
    })
  })

  test('a rate limit comes through as one', async () => {
    expect((await ask('busy')).error).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 3000 })
  })
})
