import { expect, test } from 'vitest'
import type { DueWork } from './due-work.ts'
import { Hearing } from './hearing.ts'

const work = (reason: DueWork['reason']): DueWork => ({ tenant: 't', session: 's', reason, about: 7, key: 9 })

test('a producer is silent only where it could have been heard for all of its time, since anybody was away', () => {
  const due = [work('producer'), work('silent')]
  const hearing = new Hearing(60_000, 0)
  expect(hearing.fair(due, 59_999)).toEqual([work('silent')])
  expect(hearing.fair(due, 60_000)).toEqual(due)
  hearing.broken(70_000)
  expect(hearing.fair(due, 129_999)).toEqual([work('silent')])
  expect(hearing.fair(due, 130_000)).toEqual(due)
})
