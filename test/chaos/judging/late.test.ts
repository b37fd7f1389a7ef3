import { expect, test } from 'vitest'
import { late } from './late.ts'

const said: string[] = []
const deadline = (endWithinMs: number, longestMs = 0) => ({
  lastFaultAt: performance.now(),
  endWithinMs,
  longestMs,
  say: (line: string) => said.push(line),
})

test('what is over in time is not late', async () => {
  expect(await late({ standing: [], stop: () => Promise.resolve() }, deadline(60_000))).toEqual([])
})

test('what is not over in time is late, and named', async () => {
  const never = { standing: ['s1 is in turn 2'], stop: () => new Promise<void>(() => {}) }
  expect(await late(never, deadline(20))).toEqual(['not over 20 ms after the last fault: s1 is in turn 2'])
  expect(said).toEqual(['late: s1 is in turn 2'])
})

test('what comes late is waited for, and was late all the same', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const standing = ['s1 comes to its end']
  const say = () => {
    standing.pop()
    resolve()
  }
  const found = await late({ standing, stop: () => promise }, { ...deadline(20, 60_000), say })
  expect(found).toEqual(['not over 20 ms after the last fault: s1 comes to its end'])
})
