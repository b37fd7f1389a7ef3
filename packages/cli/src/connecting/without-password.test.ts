import { expect, test } from 'vitest'
import { withoutPassword } from './without-password.ts'

test.each([
  ['postgres://spool:secret@db:5432/spool', 'postgres://db:5432/spool'],
  ['postgres://spool:se@cret@db:5432/spool', 'postgres://db:5432/spool'],
  ['postgres://spool:se,cret@db/spool', 'postgres://db/spool'],
  ['postgres://db/spool?user=spool&password=secret', 'postgres://db/spool'],
  ['postgres://db:5432/spool', 'postgres://db:5432/spool'],
  ['nats://spool:secret@a:4222,nats://spool:secret@b:4222', 'nats://a:4222,nats://b:4222'],
  ['nats://a:4222,nats://b:4222', 'nats://a:4222,nats://b:4222'],
])('of %s only %s is shown', (url, shown) => {
  expect(withoutPassword(url)).toBe(shown)
})
