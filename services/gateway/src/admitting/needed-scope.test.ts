import { DIALECTS } from '@spool/dialects'
import { expect, test } from 'vitest'
import { neededOf } from './needed-scope.ts'

test.each([
  ['GET', '/v1/sessions', 'read', 'tenant', false],
  ['GET', '/v1/search', 'read', 'tenant', false],
  ['GET', '/v1/memories', 'read', 'tenant', false],
  ['GET', '/v1/status', 'read', 'tenant', false],
  ['POST', '/v1/tickets', 'read', 'tenant', false],
  ['DELETE', '/v1/memories/:memory', 'erase', 'tenant', false],
  ['DELETE', '/v1/sessions/:session', 'erase', 'session', false],
  ['GET', '/v1/sessions/:session/events', 'read', 'session', true],
  ['GET', '/v1/sessions/:session/messages/:message/raw', 'read', 'session', false],
  ['POST', '/v1/sessions/:session/runs', 'run', 'session', true],
  ['POST', '/v1/sessions/:session/fork', 'run', 'tenant', false],
  ['POST', '/v1/sessions/:session/messages', 'produce', 'session', false],
  ['POST', '/v1/sessions/:session/messages/:message/chunks', 'produce', 'session', false],
  ['GET', '/v1/sessions/:session/messages/:message/chunks', 'read', 'session', true],
  ['POST', '/v1/something/new', 'run', 'tenant', false],
])('%s %s needs %s, reaches the %s, and open: %s', (method, url, scope, reach, open) => {
  expect(neededOf(method, url)).toEqual({ scope, reach, open })
})

test('a dialect may be used without a key where it does not say otherwise', () => {
  for (const { path, alwaysNeedsKey = false } of DIALECTS) {
    expect(neededOf('POST', path)).toEqual({ scope: 'run', reach: 'session', open: !alwaysNeedsKey })
    expect(neededOf('GET', path)).toEqual({ scope: 'read', reach: 'session', open: !alwaysNeedsKey })
  }
})
