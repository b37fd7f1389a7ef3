import { expect, test } from 'vitest'
import { Turnstile } from './turnstile.ts'

test('never more at once than there are places, everyone in turn, also after a failure', async () => {
  const turnstile = new Turnstile(3)
  let inside = 0
  let most = 0
  const order: number[] = []
  const passing = Array.from({ length: 20 }, (_, index) =>
    turnstile.pass(async () => {
      order.push(index)
      most = Math.max(most, ++inside)
      await Promise.resolve()
      inside--
      if (index % 5 === 0) throw new Error(`${index}`)
      return index
    }),
  )
  const results = await Promise.allSettled(passing)
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(4)
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => index))
  expect(most).toBe(3)
})
