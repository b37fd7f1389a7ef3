import { describe, expect, test } from 'vitest'
import { LogDiverged, startingPoint } from './starting-point.ts'

const stored = { epoch: 1, seq: 100, id: 'A' }
const nothing = { epoch: 0, seq: 0, id: '' }

describe('a log is read on', () => {
  test('from its beginning, where nothing is stored', () => {
    expect(startingPoint(nothing, { epoch: 1, epochFirst: 0, firstSeq: 0, lastSeq: 0 }, null)).toEqual({ after: 0 })
    expect(startingPoint(nothing, { epoch: 1, epochFirst: 0, firstSeq: 1, lastSeq: 0 }, null)).toEqual({ after: 0 })
    expect(startingPoint(nothing, { epoch: 2, epochFirst: 51, firstSeq: 51, lastSeq: 70 }, null)).toEqual({ after: 50 })
  })

  test('after the checkpoint, where it has the same event there', () => {
    expect(startingPoint(stored, { epoch: 1, epochFirst: 0, firstSeq: 1, lastSeq: 250 }, 'A')).toEqual({ after: 100 })
    expect(startingPoint(stored, { epoch: 1, epochFirst: 0, firstSeq: 1, lastSeq: 100 }, 'A')).toEqual({ after: 100 })
  })

  test('after the checkpoint, where what is stored was purged', () => {
    expect(startingPoint(stored, { epoch: 1, epochFirst: 0, firstSeq: 101, lastSeq: 100 }, null)).toEqual({
      after: 100,
    })
    expect(startingPoint(stored, { epoch: 1, epochFirst: 0, firstSeq: 90, lastSeq: 120 }, null)).toEqual({ after: 100 })
  })

  test('from the first event of a new epoch that begins beyond what is stored', () => {
    expect(
      startingPoint(stored, { epoch: 2, epochFirst: 1_000_101, firstSeq: 1_000_101, lastSeq: 1_000_100 }, null),
    ).toEqual({
      after: 1_000_100,
    })
  })
})

describe('a log is not read, where it', () => {
  test.each([
    ['ends before the checkpoint', { epoch: 1, epochFirst: 0, firstSeq: 1, lastSeq: 99 }, null, /ends at 99, but 100/],
    [
      'has another event at the checkpoint',
      { epoch: 1, epochFirst: 0, firstSeq: 1, lastSeq: 300 },
      'B',
      /event B at 100, but A/,
    ],
    [
      'has lost what was not stored yet',
      { epoch: 1, epochFirst: 0, firstSeq: 102, lastSeq: 300 },
      null,
      /begins at 102/,
    ],
    ['is of an older epoch', { epoch: 0, epochFirst: 0, firstSeq: 1, lastSeq: 300 }, 'A', /in epoch 0/],
    [
      'is of a new epoch that would give out positions again',
      { epoch: 2, epochFirst: 0, firstSeq: 1, lastSeq: 300 },
      'B',
      /Epoch 2/,
    ],
  ])('%s', (_what, stream, idThere, why) => {
    const found = startingPoint(stored, stream, idThere)
    expect(found).toBeInstanceOf(LogDiverged)
    expect((found as LogDiverged).message).toMatch(why)
  })

  test('has given up what is nowhere else: Postgres is empty', () => {
    for (const stream of [
      { epoch: 1, epochFirst: 0, firstSeq: 2, lastSeq: 300 },
      { epoch: 2, epochFirst: 51, firstSeq: 52, lastSeq: 300 },
    ]) {
      const found = startingPoint(nothing, stream, null)
      expect((found as LogDiverged).message).toMatch(/but nothing is stored. Postgres has lost/)
    }
  })
})
