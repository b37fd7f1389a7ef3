import { type SessionState, draft, emptySession, fold } from '@spool/events'
import { expect, test } from 'vitest'
import { SessionCache } from './session-cache.ts'

/** A session in which a tool has given back so much. */
function sessionOf(output: unknown): SessionState {
  const call = { run: 'r', call: 'c' }
  const events = [
    draft('run.started', { run: 'r', kind: 'agent' }),
    draft('tool.called', { ...call, name: 'look', input: {}, repeatable: true }),
    draft('tool.started', { ...call, attempt: 1, worker: 'w' }),
    draft('tool.completed', { ...call, output, duration_ms: 1 }),
  ]
  return events.reduce((state, event, index) => fold(state, { seq: index + 1, event }), emptySession())
}

const has = (cache: SessionCache, ...keys: string[]) => keys.filter((key) => cache.get(key) !== undefined)

test('so many sessions are kept as were used last', () => {
  const cache = new SessionCache(2)
  for (const key of ['a', 'b', 'a', 'c']) cache.set(key, emptySession())
  expect(has(cache, 'a', 'b', 'c')).toEqual(['a', 'c'])
})

test.each([
  ['texts', () => 'x'.repeat(100_000)],
  ['objects', () => ({ pages: ['x'.repeat(50_000), 'x'.repeat(50_000)] })],
])('of sessions in which tools have given back large %s fewer are kept, and the newest in any case', (_, output) => {
  const cache = new SessionCache(500, 250_000)
  for (const key of ['a', 'b', 'c', 'b']) cache.set(key, sessionOf(output()))
  expect(has(cache, 'a', 'b', 'c')).toEqual(['b', 'c'])
  cache.set('small', emptySession())
  expect(has(cache, 'b', 'c', 'small')).toEqual(['b', 'c', 'small'])
  cache.set('huge', sessionOf('x'.repeat(1_000_000)))
  expect(has(cache, 'b', 'c', 'small', 'huge')).toEqual(['huge'])
  cache.delete('huge')
  for (const key of ['a', 'b']) cache.set(key, sessionOf(output()))
  expect(has(cache, 'a', 'b')).toEqual(['a', 'b'])
})
