import type { PromptAnswer, PromptMessage } from '@spool/events'
import { userSays } from './answer-of.ts'

export const weatherTool = { name: 'weather', description: 'Looks outside', input_schema: { type: 'object' } }

/** A question, the call that a model made of it, and what the tool said. */
export const toolRound = (said: Partial<PromptAnswer> = {}): PromptMessage[] => [
  userSays('And in Oslo?'),
  {
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'I must look.' },
      { type: 'tool-call', toolCallId: 'c1', toolName: 'weather', input: { city: 'Oslo' } },
    ],
    ...said,
  },
  {
    role: 'tool',
    content: [
      { type: 'tool-result', toolCallId: 'c1', toolName: 'weather', output: { type: 'json', value: { degrees: 4 } } },
    ],
  },
]
