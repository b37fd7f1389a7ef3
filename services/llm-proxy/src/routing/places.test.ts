import { expect, test } from 'vitest'
import { Places } from './places.ts'

const never = new AbortController().signal

test('no more than the limit have a place, and the others get theirs in the order in which they came', async () => {
  const places = new Places(2)
  const leave = [await places.take(never), await places.take(never)]
  const order: number[] = []
  const waiting = [1, 2, 3].map(async (number) => {
    const give = await places.take(never)
    order.push(number)
    return give
  })
  expect([places.inUse, places.waiting, order]).toEqual([2, 3, []])
  leave[0]!()
  leave[0]!()
  await waiting[0]
  expect([places.inUse, places.waiting, order]).toEqual([2, 2, [1]])
  leave[1]!()
  ;(await waiting[0]!)()
  await Promise.all(waiting)
  expect([places.inUse, places.waiting, order]).toEqual([2, 0, [1, 2, 3]])
  for (const give of waiting.slice(1)) (await give)()
  expect(places.inUse).toBe(0)
})

test('who gives up leaves the line at once', async () => {
  const places = new Places(1)
  const leave = await places.take(never)
  const impatient = new AbortController()
  const first = places.take(impatient.signal)
  const second = places.take(never)
  impatient.abort(new Error('cancelled'))
  await expect(first).rejects.toThrow('cancelled')
  expect(places.waiting).toBe(1)
  leave()
  ;(await second)()
  expect([places.inUse, places.waiting]).toEqual([0, 0])
  await expect(places.take(impatient.signal)).rejects.toThrow('cancelled')
})
