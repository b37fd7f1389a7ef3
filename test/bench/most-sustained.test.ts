import { expect, test } from 'vitest'
import { MostSustained } from './most-sustained.ts'

/** The rate that is found for something that holds up to a limit, and how many tries that took. */
function searched(limit: number, holds = (rate: number) => rate <= limit) {
  const search = new MostSustained(100)
  let tries = 0
  for (; search.next !== null && tries < 100; tries++) search.tried(holds(search.next))
  return { found: search.highest, tries }
}

test.each([7, 60, 100, 149, 4000])('the rate that is found holds, and one a tenth higher does not, at %d', (limit) => {
  const { found, tries } = searched(limit)
  expect(found).toBeLessThanOrEqual(limit)
  expect(found * 1.1 + 1).toBeGreaterThan(limit)
  expect(tries).toBeLessThan(30)
})

test('what fails once and holds when it is tried again has held', () => {
  const failed = new Set<number>()
  const { found } = searched(500, (rate) => rate <= 500 && (failed.has(rate) || failed.add(rate).size === 0))
  expect(found).toBeGreaterThan(450)
})

test('what clearly fails is not tried again', () => {
  const search = new MostSustained(100)
  search.tried(false, true)
  expect(search.next).toBeLessThan(100)
})

test('nothing is found where nothing holds', () => {
  expect(searched(0).found).toBe(0)
})

test('below what is worth knowing nothing is tried', () => {
  const search = new MostSustained(100, 100)
  search.tried(false)
  expect(search.next).toBe(100)
  search.tried(false)
  expect([search.next, search.highest]).toEqual([null, 0])
})
