import { expect, test } from 'vitest'
import { LineLimit } from './line-limit.ts'

const allows = (isEventStream: boolean, ...pieces: string[]) => {
  const limit = new LineLimit(8, isEventStream)
  return pieces.map((piece) => limit.allows(Buffer.from(piece)))
}

test('lines up to the limit are allowed, over any number of pieces', () => {
  expect(allows(false, '12345678\n1234', '5678\n', '12345678')).toEqual([true, true, true])
})

test('a longer one is not, whether it is whole or never ends', () => {
  expect(allows(false, '123456789\n')).toEqual([false])
  expect(allows(false, '1234', '5678', '9')).toEqual([true, true, false])
  expect(allows(false, 'short\n1234', '56789\n')).toEqual([true, false])
})

test('in an event stream the lines of an event count together, and an empty line ends it', () => {
  expect(allows(true, '1234\n\n', '12345678\n\n', '1234\r\n\r\n12345\n')).toEqual([true, true, true])
  expect(allows(true, '1234\n', '12345\n')).toEqual([true, false])
  expect(allows(false, '1234\n', '12345\n')).toEqual([true, true])
})
