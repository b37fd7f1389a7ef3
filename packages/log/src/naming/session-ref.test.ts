import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isId, shardOf } from './session-ref.ts'
import { sessionOfLogSubject, Subjects } from './subjects.ts'

const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/)

test('an id is one safe token of a subject', () => {
  for (const good of ['a', 'A-1_b', 'x'.repeat(128)]) expect(isId(good)).toBe(true)
  for (const bad of ['', 'a.b', '*', '>', 'a b', 'a\n', 'é', 'x'.repeat(129), 7, null]) expect(isId(bad)).toBe(false)
})

test("a session's shard is always the same and one of those there are", () => {
  fc.assert(
    fc.property(id, id, fc.integer({ min: 1, max: 9 }), (tenant, session, shards) => {
      const shard = shardOf({ tenant, session }, shards)
      expect(shard).toBe(shardOf({ tenant, session }, shards))
      expect(shard).toBeGreaterThanOrEqual(0)
      expect(shard).toBeLessThan(shards)
    }),
  )
  // Never to be changed: it decides in which stream a session lies.
  expect(shardOf({ tenant: 'default', session: 'one' }, 3)).toBe(0)
})

test('a session is read back from the subjects made of it', () => {
  fc.assert(
    fc.property(id, id, fc.integer({ min: 1, max: 9 }), (tenant, session, shards) => {
      const subjects = new Subjects(shards)
      const ref = { tenant, session }
      for (const subject of [subjects.log(ref), subjects.live(ref)]) expect(sessionOfLogSubject(subject)).toEqual(ref)
    }),
  )
})
