import { expect, test } from 'vitest'
import { Cors } from './cors.ts'

const PAGE = { origin: 'https://chat.example.org' }
const ASKING = { ...PAGE, 'access-control-request-method': 'POST' }
const allowed = (headers: Readonly<Record<string, string>> | undefined) => headers?.['access-control-allow-origin']

test('without the setting nothing is said, and nothing is answered beforehand', () => {
  const off = new Cors()
  expect(off.headersFor(PAGE)).toEqual({})
  expect(off.preflight('OPTIONS', ASKING)).toBeUndefined()
})

test('a page of an origin that is named may ask, and no cache gives its answer to another', () => {
  const cors = new Cors(['https://a.example.org', PAGE.origin])
  expect(cors.headersFor(PAGE)).toMatchObject({ vary: 'origin', 'access-control-allow-origin': PAGE.origin })
  expect(cors.headersFor({ origin: 'https://evil.example.org' })).toEqual({ vary: 'origin' })
  expect(cors.headersFor({ origin: 'null' })).toEqual({ vary: 'origin' })
  expect(cors.headersFor({})).toEqual({ vary: 'origin' })
})

test('with * every page may', () => {
  expect(allowed(new Cors(['*']).headersFor({ origin: 'null' }))).toBe('*')
})

test('only what a browser asks beforehand is answered beforehand', () => {
  const cors = new Cors([PAGE.origin])
  expect(cors.preflight('OPTIONS', ASKING)).toMatchObject({
    'access-control-allow-origin': PAGE.origin,
    'access-control-allow-headers': expect.stringContaining('last-event-id'),
  })
  expect(cors.preflight('OPTIONS', PAGE)).toBeUndefined()
  expect(cors.preflight('POST', ASKING)).toBeUndefined()
  expect(cors.preflight('OPTIONS', { ...ASKING, origin: 'https://evil.example.org' })).toBeUndefined()
})
