import { expect, test } from 'vitest'
import { originsFirst } from './origins-first.ts'
import type { ScannedSession } from './scan-export.ts'

/** Sessions, each with the one that it is a fork of. */
function ordered(...origins: readonly (readonly [session: string, from?: string])[]): string[] {
  const sessions = origins.map(([session, from]): ScannedSession => {
    const place = { from: 0, to: 0, firstNumber: 1, events: 0, beganAt: null }
    return { session, ...place, forkedFrom: from === undefined ? null : { session: from, seq: 1 } }
  })
  return originsFirst(sessions, new Map(sessions.map((one) => [one.session, one]))).map(({ session }) => session)
}

test('a fork comes behind what it was copied from, once', () => {
  expect(ordered(['a', 'b'], ['b', 'c'], ['c'], ['d', 'b'])).toEqual(['c', 'b', 'a', 'd'])
})

test('a fork of what is not in the file, of itself, or of its own fork has no place of its own', () => {
  expect(ordered(['a', 'elsewhere'], ['b', 'b']).toSorted()).toEqual(['a', 'b'])
  expect(ordered(['a', 'b'], ['b', 'a']).toSorted()).toEqual(['a', 'b'])
})

test('a file may hold forks of forks without end', () => {
  const count = 50_000
  const forks = Array.from({ length: count }, (_, n) => [`s${n}`, `s${n + 1}`] as const)
  expect(ordered(...forks, [`s${count}`])[0]).toBe(`s${count}`)
})
