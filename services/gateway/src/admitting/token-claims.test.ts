import { expect, test } from 'vitest'
import { readClaims } from './token-claims.ts'

const NAMES = { tenant: 'tenant', subject: 'sub' }
const CLAIMS = { tenant: 'acme', sub: 'ada', exp: 1000 }
const read = (more: Record<string, unknown> = {}, names: Partial<typeof NAMES> = {}) =>
  readClaims({ ...CLAIMS, ...more }, { ...NAMES, ...names })

test('a token says tenant, user and when it ends, and without scopes it is good for a chat', () => {
  expect(read()).toEqual({ tenant: 'acme', subject: 'ada', scopes: new Set(['read', 'run']), endsAtMs: 1_030_000 })
})

test.each([
  [{ scope: 'read' }, ['read']],
  [{ scope: 'openid spool:read profile erase' }, ['read', 'erase']],
  [{ scopes: ['run', 'admin'] }, ['run']],
  [{ scope: 'read', scopes: ['run'] }, ['read', 'run']],
  [{ scope: 'openid profile' }, []],
  [{ scope: '' }, []],
  [{ scope: null }, []],
  [{ scopes: { read: true } }, []],
])('of %j follow the scopes %j and no others', (claims, scopes) => {
  expect(read(claims)).toMatchObject({ scopes: new Set(scopes) })
})

test.each([
  [{ app: { org: 'acme' } }, { tenant: 'app.org' }, 'acme'],
  [{ 'https://example.org/tenant': 'acme' }, { tenant: 'https://example.org/tenant' }, 'acme'],
  [{ tenant: 7 }, {}, '7'],
])('the tenant in %j, with %j, is %s', (claims, names, tenant) => {
  expect(read(claims, names)).toMatchObject({ tenant })
})

test.each([
  [{ tenant: undefined }, {}],
  [{ tenant: 'a.b' }, {}],
  [{ tenant: '*' }, {}],
  [{ tenant: ['acme'] }, {}],
  [{ tenant: 2 ** 60 }, {}],
  [{ sub: undefined }, {}],
  [{ sub: '' }, {}],
  [{ sub: 'x'.repeat(257) }, {}],
  [{ exp: 'soon' }, {}],
  [{}, { tenant: 'constructor.name' }],
  [{}, { tenant: '__proto__' }],
])('a token with %j, read with %j, names nobody', (claims, names) => {
  expect(read(claims, names)).toBeTypeOf('string')
})
