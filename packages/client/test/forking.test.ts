import { expect, test } from 'vitest'
import { Refused, Spool } from '../src/index.ts'
import { type Act, answers, hangsUp, refuses, scriptedServer } from './support/scripted-server.ts'

async function client(...acts: Act[]) {
  const server = await scriptedServer(...acts)
  const spool = new Spool({ url: server.url, key: 'k', backoff: { maxMs: 10 }, giveUpAfterMs: 300 })
  return { ...server, session: spool.session('s') }
}

test('a fork is there when it is whole, and a try without an answer is repeated under the same key', async () => {
  const { session, received } = await client(
    hangsUp,
    answers(202, { session: 'copy', cursor: null }),
    answers(201, { session: 'copy', cursor: '1-9' }),
  )
  expect((await session.fork({ at: '1-5' })).id).toBe('copy')
  const keys = new Set(received.map(({ headers }) => headers['idempotency-key']))
  expect(keys.size).toBe(1)
  expect(received.map(({ method, path, body }) => [method, path, JSON.parse(body)])).toEqual(
    Array.from({ length: 3 }, () => ['POST', '/v1/sessions/s/fork', { at: '1-5' }]),
  )
})

test('what cannot be forked is refused with its code', async () => {
  const { session } = await client(refuses(404, 'cursor_not_found'))
  const refused = await session.fork({ at: '1-5' }).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(Refused)
  expect(refused).toMatchObject({ code: 'cursor_not_found' })
})
