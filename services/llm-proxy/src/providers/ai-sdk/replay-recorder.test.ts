import type { LanguageModelV4StreamPart } from '@ai-sdk/provider'
import { expect, test } from 'vitest'
import { ReplayRecorder } from './replay-recorder.ts'

const call = (id: string, signature?: string, input = '{}'): LanguageModelV4StreamPart => ({
  type: 'tool-call',
  toolCallId: id,
  toolName: 'weather',
  input,
  ...(signature !== undefined && { providerMetadata: { google: { thoughtSignature: signature } } }),
})

const thought = (text: string, signature: string): LanguageModelV4StreamPart[] => [
  { type: 'reasoning-start', id: '0' },
  { type: 'reasoning-delta', id: '0', delta: text },
  { type: 'reasoning-delta', id: '0', delta: '', providerMetadata: { anthropic: { signature } } },
  { type: 'reasoning-end', id: '0' },
]

const said = (text: string): LanguageModelV4StreamPart[] => [
  { type: 'text-start', id: '1' },
  ...[...text].map((delta): LanguageModelV4StreamPart => ({ type: 'text-delta', id: '1', delta })),
  { type: 'text-end', id: '1' },
]

const about = (id: string, key: string) => ({ id, providerMetadata: { openai: { [key]: 'x' } } })

function recorded(...parts: LanguageModelV4StreamPart[]) {
  const recorder = new ReplayRecorder()
  for (const part of parts) recorder.read(part)
  return recorder.recorded()
}

test('an answer with calls and signatures is kept piece by piece', () => {
  expect(recorded(...thought('Hm.', 's'), ...said('Wait.'), call('a', 't'), call('b'))).toEqual([
    { type: 'reasoning', text: 'Hm.', data: { anthropic: { signature: 's' } } },
    { type: 'text', text: 'Wait.' },
    { type: 'tool_call', call: 'a', data: { google: { thoughtSignature: 't' } } },
    { type: 'tool_call', call: 'b' },
  ])
})

test('what is said of one piece at several times is put together', () => {
  expect(
    recorded(
      { type: 'reasoning-start', ...about('r', 'itemId') },
      { type: 'reasoning-end', ...about('r', 'encrypted') },
      call('a'),
    ),
  ).toMatchObject([{ type: 'reasoning', text: '', data: { openai: { itemId: 'x', encrypted: 'x' } } }, {}])
})

test('nothing is kept of an answer without calls, or without anything that only its provider understands', () => {
  expect(recorded(...thought('Hm.', 's'), ...said('Done.'))).toBeUndefined()
  expect(recorded(...said('Wait.'), call('a'))).toBeUndefined()
})

test('pieces that say nothing are left out', () => {
  expect(recorded(...said(''), call('a', 't'))).toEqual([expect.objectContaining({ type: 'tool_call' })])
})

test.each([
  ['thoughts', [...thought('x'.repeat(140_000), 's'), call('a')]],
  ['characters of several bytes', [...thought('ü'.repeat(70_000), 's'), call('a')]],
  ['a signature', [...thought('Hm.', 's'.repeat(140_000)), call('a')]],
  ['arguments beside it', [...thought('x'.repeat(70_000), 's'), call('a', undefined, '"x"'.repeat(25_000))]],
])('too much of it is not kept: %s', (_what, parts) => {
  expect(recorded(...parts) === undefined).toBe(true)
})
