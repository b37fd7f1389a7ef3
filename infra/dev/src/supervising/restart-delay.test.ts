import { expect, test } from 'vitest'
import { RestartDelay } from './restart-delay.ts'

test('the first death costs hardly any time, a row of them more and more, up to a limit', () => {
  const delay = new RestartDelay()
  const delays = Array.from({ length: 10 }, () => delay.next(50))
  expect(delays[0]).toBeLessThanOrEqual(200)
  expect(delays).toEqual(delays.toSorted((a, b) => a - b))
  expect(delays.at(-1)).toBe(delays.at(-2))
})

test('one that ran for a while starts over', () => {
  const delay = new RestartDelay()
  const first = delay.next(50)
  delay.next(50)
  delay.next(50)
  expect(delay.next(60_000)).toBe(first)
})
