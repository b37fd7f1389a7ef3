import { expect, test } from 'vitest'
import { expiryOf } from './expiry.ts'

const NOW = Date.parse('2026-08-01T12:00:00Z')

test.each([
  ['90d', '2026-10-30T12:00:00.000Z'],
  ['12h', '2026-08-02T00:00:00.000Z'],
  ['2027-01-31', '2027-01-31T00:00:00.000Z'],
  ['2027-01-31T12:00:00+02:00', '2027-01-31T10:00:00.000Z'],
])('a key that expires %s does so at %s', (text, moment) => {
  expect(expiryOf(text, NOW)).toBe(moment)
})

test.each(['', '0d', '-1d', '90', '3 weeks', '2027-13-01', '2027-01-31T12:00', 'Infinityd', '2026-08-01'])(
  '"%s" is no time at which a key could expire',
  (text) => {
    expect(() => expiryOf(text, NOW)).toThrow(/--expires/)
  },
)
