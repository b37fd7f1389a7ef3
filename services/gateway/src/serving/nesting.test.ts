import { expect, test } from 'vitest'
import { isNestedTooDeep, MOST_LEVELS } from './nesting.ts'

const nested = (levels: number, open = '[', close = ']'): unknown =>
  JSON.parse(open.repeat(levels) + (open === '[' ? '' : '1') + close.repeat(levels))

test('what can be written as JSON again is told from what cannot', () => {
  expect(isNestedTooDeep('text')).toBe(false)
  expect(isNestedTooDeep(nested(MOST_LEVELS))).toBe(false)
  expect(isNestedTooDeep(nested(MOST_LEVELS + 1))).toBe(true)
  expect(isNestedTooDeep(nested(MOST_LEVELS + 1, '{"a":', '}'))).toBe(true)
  expect(isNestedTooDeep({ a: [1, { b: nested(5000) }] })).toBe(true)
})
