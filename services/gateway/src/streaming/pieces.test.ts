import { expect, test } from 'vitest'
import { chunkOf } from './pieces.ts'

const frame = (text: string) => Buffer.from(text)

test('several frames are one chunk, with their length before them in bytes', () => {
  expect(Buffer.from(chunkOf([frame('data: ü\n\n')])).toString()).toBe('a\r\ndata: ü\n\n\r\n')
  expect(Buffer.from(chunkOf([frame('a'.repeat(200)), frame('b'.repeat(100))])).toString()).toBe(
    `12c\r\n${'a'.repeat(200)}${'b'.repeat(100)}\r\n`,
  )
})

test('what many are sent is made once, and never confused with what has other frames in it', () => {
  const [one, two, three] = ['one', 'two', 'three'].map(frame)
  const piece = chunkOf([one!, two!, three!])
  expect(chunkOf([one!, two!, three!])).toBe(piece)
  expect(Buffer.from(chunkOf([one!, three!])).toString()).toBe('8\r\nonethree\r\n')
  expect(Buffer.from(chunkOf([one!, frame('six'), three!])).toString()).toBe('b\r\nonesixthree\r\n')
  for (let i = 0; i < 100; i++) chunkOf([frame(`other ${i}`)])
  expect(Buffer.from(chunkOf([one!, two!, three!])).toString()).toBe('b\r\nonetwothree\r\n')
})
