import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { InFlight } from './in-flight.ts'

test('whatever is put in and taken out, in whatever order, it holds what a map would', () => {
  const put = fc.constant('put' as const)
  const take = fc.nat(2000)
  fc.assert(
    fc.property(fc.array(fc.oneof({ arbitrary: put, weight: 3 }, take), { maxLength: 1500, size: 'max' }), (steps) => {
      const held = new InFlight<string>()
      const map = new Map<number, string>()
      let count = 0
      for (const step of steps) {
        if (step === 'put') {
          map.set(count, `value ${count}`)
          expect(held.put(`value ${count}`)).toBe(count++)
        } else {
          expect(held.take(step)).toBe(map.get(step))
          map.delete(step)
        }
      }
      expect([...held]).toEqual([...map])
    }),
    { numRuns: 200 },
  )
})

test('one that is never taken out is still there after thousands that were', () => {
  const held = new InFlight<string>()
  const stays = held.put('stays')
  for (let i = 0; i < 5000; i++) held.take(held.put('goes'))
  expect([...held]).toEqual([[stays, 'stays']])
  expect(held.take(stays)).toBe('stays')
  expect([...held]).toEqual([])
})

test('all of them can be taken out while they are gone through', () => {
  const held = new InFlight<number>()
  for (let i = 0; i < 1000; i++) held.put(i)
  const taken = []
  for (const [number] of held) taken.push(held.take(number))
  expect(taken).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  expect([...held]).toEqual([])
})

test.each([-1, 1, Number.NaN, Infinity])('nothing lies under %d, which was never told', (number) => {
  const held = new InFlight<string>()
  held.put('first')
  expect(held.take(number)).toBeUndefined()
  expect([...held]).toEqual([[0, 'first']])
})
