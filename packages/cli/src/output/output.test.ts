import { expect, test } from 'vitest'
import { Output } from './output.ts'

test.each([
  ['as it is where a program reads it', false, '{"text":"\u009b31m \u202e"}\n'],
  ['the same document without what a terminal obeys, on a terminal', true, '{"text":"\\u009b31m \\u202e"}\n'],
])('a long result is %s', async (_where, isTTY, expected) => {
  let written = ''
  const out = { isTTY, write: (text: string) => (written += text) !== '' }
  await new Output(false, out, out).rawInTurn('{"text":"\u009b31m \u202e"}\n')
  expect(written).toBe(expected)
})
