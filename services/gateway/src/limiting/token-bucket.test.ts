import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

const bucket = () => new TokenBucket({ perSecond: 10, atOnce: 3 }, 0)

test('so many may come at once, and the next is told when', () => {
  const some = bucket()
  expect([0, 0, 0, 0].map((now) => some.take(now))).toEqual([0, 0, 0, 100])
  expect(some.take(99)).toBe(1)
  expect(some.take(100)).toBe(0)
  expect(some.take(100)).toBe(100)
})

test('whoever waits as long as told is let in', () => {
  const some = bucket()
  let now = 0
  for (let count = 0; count < 100; count++) {
    const waitMs = some.take(now)
    if (waitMs === 0) continue
    now += waitMs
    expect(some.take(now)).toBe(0)
  }
})

test('what is not used is kept up to what may come at once', () => {
  const some = bucket()
  some.take(0)
  expect([60_000, 60_000, 60_000, 60_000].map((now) => some.take(now) === 0)).toEqual([true, true, true, false])
})

test('a clock that is set back neither lets in more nor shuts out for longer', () => {
  const some = bucket()
  for (let count = 0; count < 3; count++) some.take(10_000)
  expect(some.take(0)).toBe(100)
  expect(some.take(100)).toBe(0)
})

test('a bucket is full again once nothing was taken for long enough', () => {
  const some = bucket()
  expect(some.isFull(0)).toBe(true)
  some.take(0)
  expect([50, 100].map((now) => some.isFull(now))).toEqual([false, true])
})
