import { array, assert, constantFrom, double, property } from 'fast-check'
import { expect, test } from 'vitest'
import { Lateness } from './lateness.ts'

const late = array(double({ min: 0.1, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 300 })

test('a share that is read from it is off by 1 % at most', () => {
  assert(
    property(late, constantFrom(0.5, 0.9, 0.99), (values, part) => {
      const lateness = new Lateness()
      for (const value of values) lateness.add(value)
      const exact = values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!
      expect(lateness.share(part) / exact).toBeGreaterThan(0.985)
      expect(lateness.share(part) / exact).toBeLessThan(1.015)
    }),
  )
})

test('several together say what all of their values in one would', () => {
  const [all, even, odd] = [new Lateness(), new Lateness(), new Lateness()]
  for (let ms = 1; ms <= 1000; ms++) {
    all.add(ms)
    ;(ms % 2 === 0 ? even : odd).add(ms)
  }
  even.addAll(odd)
  expect([even.count, even.max, even.share(0.5), even.share(0.99)]).toEqual([
    all.count,
    all.max,
    all.share(0.5),
    all.share(0.99),
  ])
})
