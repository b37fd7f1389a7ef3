import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { oldestToKeep, type PlacedInTime } from './oldest-to-keep.ts'

/** A stream with holes, whose times grow. */
const streams = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), later: fc.nat(3) }), { maxLength: 60 })
  .map((steps) => {
    let seq = 0
    let storedAtMs = 0
    return steps.map(({ gap, later }): PlacedInTime => ({ seq: (seq += gap), storedAtMs: (storedAtMs += later) }))
  })

test('what is older goes, what is not stays, and so does all from the given position on', async () => {
  await fc.assert(
    fc.asyncProperty(streams, fc.nat(400), fc.nat(120), async (events, before, olderThanMs) => {
      const from = events[0]?.seq ?? 1
      const firstFrom = async (seq: number) => events.find((event) => event.seq >= seq) ?? null
      const keep = await oldestToKeep(firstFrom, from, before, olderThanMs)
      const goes = (event: PlacedInTime) => event.storedAtMs < olderThanMs && event.seq < before
      expect(events.filter(({ seq }) => seq < keep)).toEqual(events.filter(goes))
      expect(keep).toBeLessThanOrEqual(Math.max(from, before))
    }),
  )
})

test('where nothing is old yet, one look is enough to know it', async () => {
  let looks = 0
  const firstFrom = async (seq: number) => {
    looks++
    return { seq, storedAtMs: 100 }
  }
  expect(await oldestToKeep(firstFrom, 5, 1_000_000, 100)).toBe(5)
  expect(looks).toBe(1)
})

test('a stream that begins behind the given position keeps all that it has', async () => {
  expect(await oldestToKeep(async () => null, 50, 20, Infinity)).toBe(50)
})
