import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { expect, test } from 'vitest'
import { endData } from './end-data.ts'

type Finish = Extract<LanguageModelV4StreamPart, { type: 'finish' }>

const none = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined }

function ended(about: { raw?: string; usage?: object; metadata?: object }): Finish {
  const { raw, usage, metadata } = about
  return {
    type: 'finish',
    finishReason: { unified: 'stop', raw },
    usage: { inputTokens: none, outputTokens: { total: 1, text: 1, reasoning: 0 }, ...(usage && { raw: usage }) },
    ...(metadata && { providerMetadata: metadata }),
  } as Finish
}

test('what a provider says at the end is kept in its words, without what stands for nothing', () => {
  const metadata = { openai: { tier: 'flex', probs: null, more: {} }, other: {} }
  expect(endData(ended({ raw: 'end_turn', usage: { tokens: 0 }, metadata }), { id: 'r' }, [])).toEqual({
    id: 'r',
    finish_reason: 'end_turn',
    usage: { tokens: 0 },
    metadata: { openai: { tier: 'flex', more: undefined } },
  })
  expect(endData(ended({}), {}, [])).toEqual({})
})

test('what is too large for an event is left out, and the rest is kept', () => {
  const metadata = { google: { sources: 'x'.repeat(5000) } }
  expect(endData(ended({ raw: 'STOP', usage: { n: 1 }, metadata }), {}, [])).toEqual({
    finish_reason: 'STOP',
    usage: { n: 1 },
  })
})

test('a key is never kept, not even where a provider repeats it', () => {
  const key = 'no-known-form-4711'
  const said = { a: `Bearer ${key}`, b: [Buffer.from(key).toString('base64')], c: 'sk-ant-api03-abcdefghijklmnop' }
  const text = JSON.stringify(endData(ended({ metadata: said }), {}, [key]))
  expect(text).not.toContain(key)
  expect(text).not.toContain(said.b[0])
  expect(text).not.toContain('abcdefghijklmnop')
})
