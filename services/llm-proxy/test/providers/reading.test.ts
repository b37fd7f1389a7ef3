import type { ServerResponse } from 'node:http'
import type { ProviderName } from '@spool/config'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openProvider } from '../../src/providers/open-provider.ts'
import * as anthropic from './anthropic-frames.ts'
import { userSays } from './answer-of.ts'
import * as google from './google-frames.ts'
import * as responses from './responses-frames.ts'
import { routeTo } from './route-to.ts'
import * as chat from './upstream.ts'

const anthropicDelta = (text: string) =>
  anthropic.frame('content_block_delta', { index: 0, delta: { type: 'text_delta', text } })
const anthropicBlock = anthropic.frame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
const ollamaLine = (content: string, done = false) =>
  `${JSON.stringify({ model: 'm', message: { role: 'assistant', content }, done })}\n`

const chatDelta = (content: string) => chat.frame({ content })

const formats: [ProviderName, { begin: string; delta(text: string): string; end: string }][] = [
  ['openai', { begin: responses.created(), delta: responses.textDelta, end: responses.completed() }],
  ['openai-compatible', { begin: '', delta: chatDelta, end: chat.end() }],
  ['anthropic', { begin: anthropic.begin() + anthropicBlock, delta: anthropicDelta, end: anthropic.end() }],
  ['google', { begin: '', delta: google.text, end: google.end() }],
  ['ollama', { begin: '', delta: ollamaLine, end: ollamaLine('', true) }],
]

let upstream: chat.Upstream
beforeEach(async () => {
  upstream = await chat.startUpstream()
})
afterEach(() => upstream.close())

function ask(provider: ProviderName, signal = new AbortController().signal) {
  const baseUrl = new URL(upstream.url).origin
  const route = routeTo(provider, { baseUrl, stallTimeoutMs: 1_000 })
  const request = { prompt: [userSays('Hello')], keptText: '', parameters: {}, signal }
  return openProvider(route, { key: 'k' }).generate(request)[Symbol.asyncIterator]()
}

describe.each(formats)('an answer of %s', (provider, { begin, delta, end }) => {
  const open = (response: ServerResponse, ...frames: string[]) => {
    response.writeHead(200, { 'content-type': provider === 'ollama' ? 'application/x-ndjson' : 'text/event-stream' })
    response.write(begin + frames.join(''))
  }

  test('is not read ahead of a slow reader, whose pauses do not count as a stall', async () => {
    const text = 'x'.repeat(16_000)
    let sentBytes = 0
    const { promise: full, resolve: isFull } = Promise.withResolvers<void>()
    upstream.answerWith(async (response) => {
      open(response)
      for (let frames = 0; frames < 2000; frames++) {
        sentBytes += text.length
        if (!response.write(delta(text)) && response.writableNeedDrain) {
          const stuck = setTimeout(isFull, 1_200)
          await new Promise((resolve) => response.once('drain', resolve))
          clearTimeout(stuck)
        }
      }
      response.end(end)
    })
    const chunks = ask(provider)
    await chunks.next()
    await full
    expect(sentBytes).toBeLessThan(16_000_000)
    let characters = text.length
    for (;;) {
      const { done, value } = await chunks.next()
      if (done) break
      if (value.type === 'text') characters += value.text.length
    }
    expect(characters).toBe(2000 * text.length)
  })

  test('is given up at once when it is called off, and its connection closed', async () => {
    upstream.answerWith((response) => open(response, delta('and then')))
    const controller = new AbortController()
    const chunks = ask(provider, controller.signal)
    await chunks.next()
    const reason = new Error('cancelled by the user')
    const next = chunks.next()
    const abortedAt = performance.now()
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
    await upstream.requests[0]?.closed
    expect(performance.now() - abortedAt).toBeLessThan(2000)
  })

  test('is given up before its first byte as well', async () => {
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>()
    upstream.answerWith(() => isAsked())
    const controller = new AbortController()
    const next = ask(provider, controller.signal).next()
    await asked
    const reason = new Error('cancelled by the user')
    controller.abort(reason)
    await expect(next).rejects.toBe(reason)
    await upstream.requests[0]?.closed
  })

  test('that nobody reads on has its connection closed', async () => {
    upstream.answerWith((response) => open(response, delta('and then')))
    const chunks = ask(provider)
    await chunks.next()
    await chunks.return?.()
    await upstream.requests[0]?.closed
  })
})
