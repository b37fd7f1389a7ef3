import { expect, test } from 'vitest'
import { compareVersions, isNewEnough } from './nats-version.ts'

test.each([
  ['2.9.10', false],
  ['2.9.99', false],
  ['2.10.0', true],
  ['2.10.27-1+b2', true],
  ['2.15.1', true],
  ['3.0.0', true],
])('%s is new enough: %s', (version, expected) => {
  expect(isNewEnough(version)).toBe(expected)
})

test('versions are ordered by number, not by letter', () => {
  expect(['2.10.27', '2.9.10', '2.15.1'].toSorted(compareVersions)).toEqual(['2.9.10', '2.10.27', '2.15.1'])
})
