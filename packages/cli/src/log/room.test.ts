import { expect, test } from 'vitest'
import { isFull, sizeOf } from './room.ts'

const MEBIBYTE = 1024 ** 2

test('sizes have the same unit and precision on both sides', () => {
  expect(sizeOf({ bytes: 1.4 * MEBIBYTE, maxBytes: 1.5 * MEBIBYTE })).toBe('1.4 MiB of 1.5 MiB')
  expect(sizeOf({ bytes: 0, maxBytes: 2048 * MEBIBYTE })).toBe('0.0 MiB of 2,048.0 MiB')
  expect(sizeOf({ bytes: 1.25 * MEBIBYTE, maxBytes: null })).toBe('1.3 MiB')
})

test('a stream is full where the largest event may find no room', () => {
  expect(isFull({ bytes: 1.4 * MEBIBYTE, maxBytes: 1.5 * MEBIBYTE })).toBe(true)
  expect(isFull({ bytes: 1.5 * MEBIBYTE, maxBytes: 1.5 * MEBIBYTE })).toBe(true)
  expect(isFull({ bytes: 1.2 * MEBIBYTE, maxBytes: 1.5 * MEBIBYTE })).toBe(false)
  expect(isFull({ bytes: 1.2 * MEBIBYTE, maxBytes: null })).toBe(false)
})
