import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import type { Chunk } from '../../src/providers/provider.ts'
import { routeTo } from './route-to.ts'

// A mock that others wrote: our own upstream could share our misunderstandings.
const mock = new LLMock({ port: 0, host: '127.0.0.1' })
beforeAll(async () => {
  mock.onMessage('hello', { content: 'Hi there! How are you?' })
  mock.onMessage('weather', { toolCalls: [{ name: 'weather', arguments: '{"city":"Oslo"}' }] })
  mock.onMessage('busy', { error: { message: 'Too many', type: 'rate_limit_error' }, status: 429 })
  await mock.start()
})
afterAll(() => mock.stop())

async function ask(text: string): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  const provider = openProvider(routeTo('openai-compatible', { baseUrl: `${mock.url}/v1` }), { key: 'mock' })
  const request = {
    prompt: [{ role: 'user', content: [{ type: 'text', text }] } as const],
    keptText: '',
    parameters: {},
    signal: new AbortController().signal,
  }
  for await (const chunk of provider.generate(request)) chunks.push(chunk)
  return chunks
}

test('text and usage come through', async () => {
  const chunks = await ask('hello')
  expect(chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join('')).toBe('Hi there! How are you?')
  expect(chunks.at(-1)).toMatchObject({ type: 'finish', reason: 'stop', usage: { output_tokens: expect.any(Number) } })
})

test('a tool call comes through with its arguments', async () => {
  expect(await ask('weather')).toContainEqual(
    expect.objectContaining({ type: 'tool-call', name: 'weather', input: { city: 'Oslo' } }),
  )
})

test('a rate limit comes through as one', async () => {
  await expect(ask('busy')).rejects.toMatchObject({ code: 'provider_rate_limited', retryable: true })
})
