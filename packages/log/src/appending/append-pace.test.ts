import { expect, test } from 'vitest'
import { AppendPace } from './append-pace.ts'

/** `appends`: at the same time, so many a second for so long. */
class Played {
  private nowMs = 1_000_000
  readonly pace = new AppendPace(() => this.nowMs)

  appends(tookMs: number, perSecond: number, forMs: number): this {
    for (let left = (perSecond * forMs) / 1000; left > 0; left--) {
      this.nowMs += 1000 / perSecond
      this.pace.took(tookMs)
    }
    return this
  }

  passes(ms: number): this {
    this.nowMs += ms
    return this
  }

  rest(tookMs: number): number {
    return this.pace.restAfter(tookMs)
  }
}

/** Of one who waits for 30 ms, all the time, where 1 ms was enough before. */
const busy = () => new Played().appends(1, 1000, 1000).appends(31, 5000, 10_000)

test('nobody rests while appends take as long as they do when nothing is in their way', () => {
  expect(new Played().appends(1, 5000, 10_000).rest(1)).toBe(0)
  expect(new Played().appends(45, 5000, 10_000).rest(45)).toBe(0)
})

test('nobody rests because an append hung, or all of them once', () => {
  expect(new Played().appends(1, 50, 10_000).appends(60_000, 50, 20).rest(1)).toBe(0)
  expect(new Played().appends(1, 5000, 10_000).passes(2000).appends(2000, 500_000, 1).rest(1)).toBe(0)
  expect(new Played().appends(1, 50, 1000).passes(3_600_000).appends(200, 50, 20).rest(1)).toBe(0)
})

test('all rest once all take longer', () => {
  expect(busy().rest(31)).toBeCloseTo(60, 0)
})

test('whoever waited for longer than the others rests less, and whoever was lucky more', () => {
  expect(busy().rest(51)).toBeCloseTo(40, 0)
  expect(busy().rest(21)).toBeCloseTo(70, 0)
  expect(busy().rest(100)).toBe(0)
})

test('nobody rests for longer than 150 ms', () => {
  const slow = new Played().appends(1, 1000, 1000).appends(5000, 5000, 10_000)
  expect(slow.rest(200)).toBe(150)
  expect(slow.rest(1)).toBe(150)
})

test('once the bus keeps up again nobody rests any more, in a process with a single stream, too', () => {
  expect(busy().appends(1, 5000, 1000).rest(1)).toBe(0)
  expect(busy().appends(1, 50, 1000).rest(1)).toBe(0)
  expect(busy().passes(3_600_000).appends(1, 50, 20).rest(1)).toBe(0)
})

test('where the bus has moved further away nobody rests for good', () => {
  const moved = new Played().appends(1, 50, 1000).appends(40, 1000, 60_000)
  expect(moved.rest(40)).toBeGreaterThan(40)
  expect(moved.appends(40, 1000, 1_300_000).rest(40)).toBe(0)
})
