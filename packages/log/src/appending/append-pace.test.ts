import { expect, test } from 'vitest'
import { AppendPace } from './append-pace.ts'

function paceAfter(...tookMs: readonly number[]): AppendPace {
  const pace = new AppendPace()
  for (const ms of tookMs) pace.restAfter(ms)
  return pace
}

const long = (ms: number) => Array<number>(10_000).fill(ms)

test('nobody rests while appends take as long as they do when nothing is in their way', () => {
  expect(paceAfter(...long(1)).restAfter(1)).toBe(0)
  expect(paceAfter(...long(45)).restAfter(45)).toBe(0)
})

test('nobody rests because some append hung', () => {
  expect(paceAfter(...long(1), 60_000).restAfter(1)).toBe(0)
  expect(paceAfter(60_000).restAfter(1)).toBe(0)
})

test('all rest once all take longer, twice of what they wait', () => {
  expect(paceAfter(1, ...long(31)).restAfter(31)).toBeCloseTo(40, 0)
})

test('whoever waited for longer than the others rests less, and whoever was lucky more', () => {
  const pace = paceAfter(1, ...long(31))
  expect(pace.restAfter(51)).toBeCloseTo(20, 0)
  expect(pace.restAfter(21)).toBeCloseTo(50, 0)
  expect(pace.restAfter(90)).toBeLessThan(0)
})

test('a rest has an end, however slow the bus is', () => {
  expect(paceAfter(1, ...long(5000)).restAfter(200)).toBeCloseTo(70, 0)
})

test('once the bus keeps up again nobody rests any more', () => {
  expect(paceAfter(1, ...long(100), ...long(1)).restAfter(1)).toBe(0)
})
