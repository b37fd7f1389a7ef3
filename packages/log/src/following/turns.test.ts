import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('lets so many go on in a turn, and the others in the next ones, in order', async () => {
  const turns = new Turns(2)
  const gone: number[] = []
  const go = async (name: number) => {
    await turns.next()
    gone.push(name)
  }
  const all = [1, 2, 3, 4, 5].map(go)
  await Promise.resolve()
  expect(gone).toEqual([1, 2])
  await nextTurn()
  expect(gone).toEqual([1, 2, 3, 4])
  // Whoever comes now comes after those who wait.
  all.push(go(6), go(7))
  await nextTurn()
  expect(gone).toEqual([1, 2, 3, 4, 5, 6])
  await Promise.all(all)
  expect(gone).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('keeps nobody waiting who comes alone', async () => {
  const turns = new Turns(1)
  expect(turns.next()).toBeUndefined()
  await nextTurn()
  expect(turns.next()).toBeUndefined()
})
