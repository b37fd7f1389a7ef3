import { expect, test } from 'vitest'
import type { DueWork } from './due-work.ts'
import { Turns } from './turns.ts'

const work = (reason: DueWork['reason'], about = 7): DueWork => ({
  tenant: 't',
  session: 's',
  reason,
  about,
  key: 9,
})

/** The seconds at which something that is due all the time is handed on. */
function handedOn(due: DueWork, seconds: number): number[] {
  const turns = new Turns(30_000)
  return Array.from({ length: seconds }, (_, second) => second).filter((second) => {
    const [turn] = turns.of([due], second * 1000)
    if (turn !== undefined) turns.handedOn(turn, second * 1000)
    return turn !== undefined
  })
}

test('what the clock says is handed on every other second while it stands, and seldom after a minute', () => {
  expect(handedOn(work('deadline'), 9)).toEqual([0, 2, 4, 6, 8])
  expect(handedOn(work('time_limit'), 5)).toEqual([0, 2, 4])
  expect(handedOn(work('memory'), 5)).toEqual([0, 2, 4])
  expect(handedOn(work('deadline'), 150).slice(-3)).toEqual([60, 90, 120])
})

test('what stands still is given time to answer', () => {
  expect(handedOn(work('silent'), 61)).toEqual([0, 30, 60])
  expect(handedOn(work('queue'), 31)).toEqual([0, 30])
})

test('each thing has a turn of its own, and one that was not due meanwhile begins anew', () => {
  const turns = new Turns(30_000)
  turns.handedOn(work('deadline', 7), 0)
  expect(turns.of([work('deadline', 7), work('deadline', 8)], 1000)).toEqual([work('deadline', 8)])
  expect(turns.of([], 1100)).toEqual([])
  expect(turns.of([work('deadline', 7)], 1200)).toEqual([work('deadline', 7)])
})
