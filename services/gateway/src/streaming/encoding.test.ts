import { expect, test } from 'vitest'
import { preferredEncoding } from './encoding.ts'

test.each([
  [undefined, null],
  ['', null],
  ['identity', null],
  ['deflate', null],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['gzip, deflate, br, zstd', 'zstd'],
  ['gzip, deflate, br', 'br'],
  ['gzip;q=1.0, br;q=0.5', 'gzip'],
  ['gzip;q=0, br;q=0', null],
  ['gzip;q=0.5, identity', null],
  ['*', null],
  ['gzip;q=nonsense', null],
])('of %j we take %j', (accepted, encoding) => {
  expect(preferredEncoding(accepted)).toBe(encoding)
})
