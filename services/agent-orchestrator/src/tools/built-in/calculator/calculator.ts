import * as z from 'zod'
import { zodTool } from '../zod-tool.ts'
import { calculate, MAX_CHARACTERS } from './calculate.ts'
import { constants, functions } from './functions.ts'

export const calculator = zodTool({
  name: 'calculator',
  description:
    'Calculates an arithmetic expression, exactly where that is possible. ' +
    `Operators: + - * / % ^ and parentheses. Functions: ${[...functions.keys()].join(', ')} (angles in radians). ` +
    `Constants: ${[...constants.keys()].join(', ')}.`,
  input: z.strictObject({
    expression: z.string().min(1).max(MAX_CHARACTERS).describe('For example (12.5 + 7.5) * 3 / 4, or sqrt(2) ^ 3'),
  }),
  repeatable: true,
  timeoutMs: 10_000,
  async run({ expression }) {
    const { text, exact } = calculate(expression)
    return { expression, result: text, exact }
  },
})
