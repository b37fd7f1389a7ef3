import { expect, test } from 'vitest'
import { tokenCount } from './token-count.ts'

test('a count of tokens is a whole number that can be added up, whatever a provider says', () => {
  const told = [7, 7.4, 0, -3, 1e300, Infinity, NaN, '7', null, undefined]
  expect(told.map(tokenCount)).toEqual([7, 7, 0, 0, 1e9, 1e9, 0, 0, 0, 0])
})
