import { expect, test } from 'vitest'
import { apart, differenceOf } from './difference-of.ts'

const WHOLE = ['a', 'b', 'c', 'd']

test.each([
  [['a', 'b', 'c', 'd'], null],
  [['a', 'c', 'd'], 'number 2 of 4 is missing: b'],
  [['a', 'b', 'c'], 'number 4 of 4 is missing, and so is all after it: d'],
  [['a', 'b', 'b', 'c', 'd'], 'number 3 of 4 is a repetition: b'],
  [['a', 'c', 'b', 'd'], 'number 2 of 4 came after its successor: b'],
  [['a', 'x', 'c', 'd'], 'number 2 of 4 is x and should be b'],
  [['a', 'b', 'c', 'd', 'e'], 'number 5 of 4 is one too many: e'],
  [['a', 'b', 'c', 'd', 'd'], 'number 5 of 4 is one too many: d'],
  [[], 'number 1 of 4 is missing, and so is all after it: a'],
])('%j differs from a, b, c, d: %s', (found, said) => {
  expect(differenceOf(found, WHOLE)).toBe(said)
})

test('of long texts the place is shown where they part', () => {
  const long = 'so it goes on and on, '.repeat(100)
  expect(apart(`${long}here`, `${long}there`)).toMatch(/^….{80}here and should be ….{80}there$/)
})
