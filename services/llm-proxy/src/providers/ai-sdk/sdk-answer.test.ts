import type { PromptAnswer } from '@spool/events'
import { expect, test } from 'vitest'
import { sdkAnswer } from './sdk-answer.ts'

const call = (input: unknown) => ({ type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input }) as const
const to = { provider: 'google', model: 'gemini' }

const answer: PromptAnswer = {
  role: 'assistant',
  content: [{ type: 'text', text: 'Wait.' }, call({ city: 'Oslo' })],
  replay: {
    ...to,
    parts: [
      { type: 'text', text: 'Wait.' },
      { type: 'tool_call', call: 'c1', data: { google: { thoughtSignature: 's' } } },
      { type: 'tool_call', call: 'gone' },
    ],
  },
}

test('the model that made it gets its own pieces, with the arguments of each call', () => {
  expect(sdkAnswer(answer, to).content).toEqual([
    { type: 'text', text: 'Wait.' },
    { ...call({ city: 'Oslo' }), providerOptions: { google: { thoughtSignature: 's' } } },
  ])
})

test.each([
  ['provider', { ...to, provider: 'anthropic' }],
  ['model', { ...to, model: 'gemini-2' }],
])('another %s gets what was said', (_another, other) => {
  expect(sdkAnswer(answer, other).content).toEqual(answer.content)
})

test.each([
  ['{"city": oops', { invalid: '{"city": oops' }],
  [[1], { invalid: [1] }],
  [null, {}],
])('arguments that are no object go back in one: %j', (input, sent) => {
  const { content } = sdkAnswer({ role: 'assistant', content: [call(input)] }, to)
  expect(content).toMatchObject([{ input: sent }])
})
