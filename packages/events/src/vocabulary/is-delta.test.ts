import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { schemaOf } from './event.ts'
import { isDelta } from './is-delta.ts'
import type { Body } from './upcast.ts'

const whole = {
  v: 1,
  run: '01K9Z6QW8H3Y5T2N7R4B0C1D01',
  at: '2026-11-20T09:50:00.000Z',
  message: 'm1',
  sequence: 7,
  call: 'c1',
  name: 'clock',
  text: '🌧\u0000',
}

const odd = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    '',
    0,
    1,
    2,
    -1,
    1.5,
    2 ** 53,
    1e308,
    NaN,
    Infinity,
    true,
    [],
    {},
    '1',
    'a.b',
    'a b',
    'a\n',
    'x'.repeat(128),
    'x'.repeat(129),
    'é',
    '2026-11-20T09:50:00Z',
    '2026-13-20T09:50:00.000Z',
    '2026-11-20T24:50:00.000Z',
    '2026-02-31T09:50:00.000Z',
    '2026-11-20T09:50:00.000Z\n',
    '\ud83d',
  ),
  fc.anything(),
)

const body: fc.Arbitrary<Body> = fc
  .tuple(
    fc.constantFrom('text.delta', 'reasoning.delta', 'tool.input.delta'),
    fc.dictionary(fc.constantFrom(...Object.keys(whole), 'other'), odd, { maxKeys: 2 }),
    fc.subarray(Object.keys(whole), { maxLength: 1 }),
  )
  .map(([type, changed, missing]) => {
    const entries = Object.entries({ ...whole, type, ...changed }).filter(([field]) => !missing.includes(field))
    return Object.fromEntries(entries)
  })

test('the check by hand says what the schema says', () => {
  let accepted = 0
  let refused = 0
  fc.assert(
    fc.property(body, (candidate) => {
      const byHand = isDelta(candidate)
      expect(byHand).toBe(schemaOf(String(candidate['type']))?.safeParse(candidate).success)
      if (byHand) accepted++
      else refused++
    }),
    { numRuns: 20_000 },
  )
  // Both outcomes were really tried.
  expect(Math.min(accepted, refused)).toBeGreaterThan(1_000)
})

test('no other type passes', () => {
  expect(isDelta({ ...whole, type: 'message.delta' })).toBe(false)
})
