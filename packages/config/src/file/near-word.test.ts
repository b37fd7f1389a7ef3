import { expect, test } from 'vitest'
import { nearWord } from './near-word.ts'

const words = ['model', 'base_url', 'key_env', 'end']

test.each([
  ['modle', 'model'],
  ['baseUrl', 'base_url'],
  ['KEY-ENV', 'key_env'],
  ['and', 'end'],
])('%s was probably meant to be %s', (written, word) => {
  expect(nearWord(written, words)).toBe(word)
})

test('what is near to none is none of them', () => {
  expect(nearWord('colour', words)).toBeUndefined()
  expect(nearWord('anything', [])).toBeUndefined()
})
