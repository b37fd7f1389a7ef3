import { expect, test } from 'vitest'
import { isTooFull, purgeEveryMs, roomyFrom } from './when-to-purge.ts'

const room = (bytes: number, maxBytes: number | null = 1000) => ({
  stream: 'LOG',
  epoch: 1,
  epochFirst: 0,
  firstSeq: 101,
  lastSeq: 200,
  bytes,
  maxBytes,
})

test('a window is looked at some fifty times, but not more than once a second nor less than every ten minutes', () => {
  expect(purgeEveryMs(3000)).toBe(1000)
  expect(purgeEveryMs(3_600_000)).toBe(72_000)
  expect(purgeEveryMs(72 * 3_600_000)).toBe(600_000)
})

test('a stream fuller than four fifths gives up its oldest events until three fifths are left', () => {
  expect([800, 801].map((bytes) => isTooFull(room(bytes)))).toEqual([false, true])
  expect(roomyFrom(room(900))).toBe(135)
  expect(roomyFrom(room(1000))).toBe(141)
})

test('one without a limit is never too full', () => {
  expect(isTooFull(room(1e12, null))).toBe(false)
})
