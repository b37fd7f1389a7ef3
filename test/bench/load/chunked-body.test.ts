import { array, assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkedBody } from './chunked-body.ts'

const chunked = (chunks: readonly string[]) =>
  `${chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}0\r\n\r\n`

test('a body is the same however the network cuts its chunks', () => {
  assert(
    property(array(string({ minLength: 1, unit: 'binary-ascii' })), array(string()), (chunks, cuts) => {
      const body = new ChunkedBody()
      let rest = chunked(chunks)
      let read = ''
      for (const { length } of cuts) {
        read += body.take(rest.slice(0, length))
        rest = rest.slice(length)
      }
      read += body.take(rest)
      expect(read).toBe(chunks.join(''))
      expect(body.ended).toBe(true)
    }),
  )
})

test('a body that breaks off has no end', () => {
  const body = new ChunkedBody()
  expect(body.take('5\r\nhello\r\n5\r\nwo')).toBe('hellowo')
  expect(body.ended).toBe(false)
})
