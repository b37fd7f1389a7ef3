import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NaturalBatch } from './natural-batch.ts'

/** Writes that the test lets through one by one. */
function gate() {
  const writes: string[] = []
  let open = Promise.withResolvers<void>()
  return {
    writes,
    write: async (items: readonly string[]) => {
      writes.push(items.join(''))
      await open.promise
    },
    async letThrough() {
      const { resolve } = open
      open = Promise.withResolvers<void>()
      resolve()
      await turn()
    },
    fail(error: Error) {
      open.reject(error)
    },
  }
}

/** Lets everything run that is ready to. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const length = (text: string) => text.length

describe('a natural batch', () => {
  test('writes at once and alone what comes while nothing is being written', async () => {
    const { write, writes, letThrough } = gate()
    const batch = new NaturalBatch(write, length, 100)
    expect(batch.push('a')).toBeUndefined()
    expect(writes).toEqual(['a'])
    await letThrough()
    batch.push('b')
    expect(writes).toEqual(['a', 'b'])
  })

  test('merges what comes during a write into the next one', async () => {
    const { write, writes, letThrough } = gate()
    const batch = new NaturalBatch(write, length, 100)
    for (const letter of 'abcd') batch.push(letter)
    expect(writes).toEqual(['a'])
    await letThrough()
    expect(writes).toEqual(['a', 'bcd'])
  })

  test('asks the producer to wait while it holds too much, and no longer', async () => {
    const { write, letThrough } = gate()
    const batch = new NaturalBatch(write, length, 3)
    batch.push('a')
    expect(batch.push('bc')).toBeUndefined()
    let hasRoom = false
    void batch.push('d')?.then(() => (hasRoom = true))
    expect(batch.size).toBe(3)
    await turn()
    expect(hasRoom).toBe(false)
    await letThrough()
    expect(hasRoom).toBe(true)
    expect(batch.size).toBe(0)
  })

  test('is flushed when everything pushed so far was written', async () => {
    const { write, writes, letThrough } = gate()
    const batch = new NaturalBatch(write, length, 100)
    await batch.flushed()
    batch.push('a')
    batch.push('b')
    let flushed = false
    void batch.flushed().then(() => (flushed = true))
    await letThrough()
    expect(flushed).toBe(false)
    await letThrough()
    expect(flushed).toBe(true)
    expect(writes).toEqual(['a', 'b'])
  })

  test('rests after a write, and writes then what has come by then', async () => {
    const { write, writes, letThrough } = gate()
    const rests = [50, 60_000].values()
    const batch = new NaturalBatch(write, length, 100, () => rests.next().value!)
    batch.push('a')
    batch.push('b')
    await letThrough()
    expect(writes).toEqual(['a'])
    batch.push('c')
    await expect.poll(() => writes).toEqual(['a', 'bc'])
  })

  test('does not rest while somebody waits until all of it is written', async () => {
    const { write, writes, letThrough } = gate()
    const batch = new NaturalBatch(write, length, 100, () => 60_000)
    batch.push('a')
    await letThrough()
    batch.push('b')
    await turn()
    expect(writes).toEqual(['a'])
    const flushed = batch.flushed()
    await turn()
    expect(writes).toEqual(['a', 'b'])
    await letThrough()
    await flushed
    batch.push('c')
    expect(writes).toEqual(['a', 'b', 'c'])
  })

  test('does not rest while it holds too much', async () => {
    const { write, writes, letThrough } = gate()
    const batch = new NaturalBatch(write, length, 3, () => 60_000)
    batch.push('a')
    await letThrough()
    batch.push('bc')
    await turn()
    expect(writes).toEqual(['a'])
    const room = batch.push('d')
    await room
    expect(writes).toEqual(['a', 'bcd'])
  })

  test('tells of a failed write to whoever waits for it, pushes or flushes', async () => {
    const { write, fail } = gate()
    const batch = new NaturalBatch(write, length, 2)
    batch.push('a')
    const room = batch.push('bcd')
    const flushed = batch.flushed()
    const failure = new Error('overtaken')
    fail(failure)
    await expect(flushed).rejects.toBe(failure)
    await room
    expect(() => batch.push('e')).toThrow(failure)
    await expect(batch.flushed()).rejects.toBe(failure)
  })

  test('writes every item once and in order, one write at a time, whatever the pace', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ pauseTurns: fc.nat(2), text: fc.string({ minLength: 1, maxLength: 5 }) })),
        fc.array(fc.nat(3)),
        fc.integer({ min: -1, max: 2 }),
        async (pushes, writeTurns, restMs) => {
          const written: string[] = []
          let writing = 0
          const batch = new NaturalBatch<string>(
            async (items) => {
              expect(++writing).toBe(1)
              expect(items.length).toBeGreaterThan(0)
              for (let turns = writeTurns[written.length % writeTurns.length] ?? 0; turns > 0; turns--) await turn()
              written.push(...items)
              writing--
            },
            length,
            8,
            () => restMs,
          )
          for (const { pauseTurns, text } of pushes) {
            for (let turns = pauseTurns; turns > 0; turns--) await turn()
            await batch.push(text)
            expect(batch.size).toBeLessThan(8)
          }
          await batch.flushed()
          expect(written).toEqual(pushes.map(({ text }) => text))
        },
      ),
      { numRuns: 50 },
    )
  })
})
