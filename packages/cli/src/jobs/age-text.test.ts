import { expect, test } from 'vitest'
import { ageText } from './age-text.ts'

test.each([
  [-5, '0.0 s'],
  [1234, '1.2 s'],
  [45_900, '45 s'],
  [200_000, '3 m 20 s'],
  [7_260_000, '2 h 1 m'],
  [187_200_000, '2 d 4 h'],
])('%d ms are shown as %s', (ms, text) => {
  expect(ageText(ms)).toBe(text)
})
