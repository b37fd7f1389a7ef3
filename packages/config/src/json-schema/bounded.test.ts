import { expect, test } from 'vitest'
import { bounded, TooSlow } from './bounded.ts'

/** Without being busy, as a process that is stopped. */
const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

function busy(): never {
  for (;;);
}

test('work that is busy for too long is broken off', () => {
  expect(() => bounded(busy, 100)).toThrow(TooSlow)
})

test('work in which the process stood still is done all the same', () => {
  let tries = 0
  const work = () => {
    if (++tries === 1) standStill(1000)
    return tries
  }
  expect(bounded(work, 50)).toBe(2)
})

test('work that stands still for ever is broken off in the end', () => {
  expect(() => bounded(() => standStill(60_000), 10)).toThrow(TooSlow)
})

test('what the work throws is thrown', () => {
  const mistake = new Error('a mistake')
  expect(() =>
    bounded(() => {
      throw mistake
    }, 100),
  ).toThrow(mistake)
})
