import { expect, test } from 'vitest'
import { upcast, type Upcasts } from './upcast.ts'

const versions = { 'run.slept': 3 }
const upcasts: Upcasts = {
  'run.slept': {
    1: ({ seconds, ...rest }) => ({ ...rest, ms: Number(seconds) * 1000 }),
    2: ({ ms, ...rest }) => ({ ...rest, sleep_ms: ms }),
  },
}

test('a body is brought from any version to the current one, step by step', () => {
  const current = { v: 3, type: 'run.slept', sleep_ms: 2000 }
  for (const body of [{ v: 1, type: 'run.slept', seconds: 2 }, { v: 2, type: 'run.slept', ms: 2000 }, current]) {
    expect(upcast('run.slept', body, versions, upcasts)).toStrictEqual({ ok: true, body: current })
  }
})

test('the body that is stored stays as it is', () => {
  const stored = Object.freeze({ v: 1, type: 'run.slept', seconds: 2 })
  upcast('run.slept', stored, versions, upcasts)
  expect(stored).toStrictEqual({ v: 1, type: 'run.slept', seconds: 2 })
})

test.each([0, -1, 1.5, '1', null, undefined])('a version that is none is refused: %s', (v) => {
  expect(upcast('run.slept', { v }, versions, upcasts)).toMatchObject({ ok: false })
})

test('a version from the future and a missing step are refused with a reason', () => {
  expect(upcast('run.slept', { v: 4 }, versions, upcasts)).toMatchObject({ reason: expect.stringContaining('newer') })
  expect(upcast('run.slept', { v: 2 }, versions, {})).toMatchObject({
    reason: 'v: no upcast of run.slept from version 2',
  })
})
