import { headers } from '@nats-io/transport-node'
import { newId } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
})
afterAll(() => system.stop())

/** What none of our writers does: straight into the stream. */
async function publish(subject: string, body: string, head: Record<string, string>): Promise<number> {
  const all = headers()
  for (const [name, value] of Object.entries(head)) all.set(name, value)
  return (await system.bus.js.publish(subject, body, { headers: all })).seq
}

const at = '2026-01-01T00:00:00.000Z'
const titled = (more: object = {}) => JSON.stringify({ v: 1, type: 'session.titled', title: 'x', at, ...more })

test.each([
  ['no headers at all', 'log.0.acme.bare', titled(), {}],
  ['an id that no index takes', 'log.0.acme.longid', titled(), { 'Spool-Id': 'x'.repeat(9000) }],
  ['a predecessor that is no position', 'log.0.acme.badprev', titled(), { 'Spool-Id': newId(), 'Spool-Prev': '1e300' }],
  ['a subject that names no session', 'log.0.acme', titled(), { 'Spool-Id': newId() }],
  ['a subject that names too much', `log.0.${'t'.repeat(3000)}.s.more`, titled(), { 'Spool-Id': newId() }],
  ['a time before the calendar of Postgres', 'log.0.acme.year0', titled({ at: '0000-01-01T00:00:00.000Z' }), {}],
  ['a time that only JavaScript knows', 'log.0.acme.year9', '{"type":"a.b","at":"+275000-01-01T00:00:00.000Z"}', {}],
  ['a NUL in its type and run', 'log.0.acme.nul', '{"type":"a\\u0000b","run":"\\u0000"}', { 'Spool-Id': newId() }],
  ['a body of nothing', 'log.0.acme.empty', '', { 'Spool-Id': newId() }],
])('an event with %s is kept, and holds nothing up', async (_what, subject, body, head) => {
  const seq = await publish(subject, body, head)
  const conversation = new Conversation(system.log)
  await conversation.answer(2)
  await caughtUp(system)
  const [row] = await system.sql<{ body: string | null; raw: Buffer | null }>(
    'select body::text, raw from events where seq = $1',
    [seq],
  )
  expect(row!.body ?? row!.raw!.toString()).toBe(body)
  expect(await system.archive.state(conversation.ref)).toMatchObject({ messages: [{}, { status: 'complete' }] })
})

test('an event that does not follow the end of its chain is kept and marked, and not folded', async () => {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.begin()
  await conversation.delta(run, message, 1, 'one')
  await caughtUp(system)
  // What a writer that slept through a purge would do: the stream holds nothing of the session any more.
  const subject = system.log.subjects.log(conversation.ref)
  await system.bus.jsm.streams.purge('LOG', { filter: subject })
  const stale = { v: 1, type: 'text.delta', run, message, sequence: 9, text: 'stale', at }
  await publish(subject, JSON.stringify(stale), { 'Spool-Id': newId(), 'Spool-Prev': String(conversation.seq - 1) })
  await caughtUp(system)
  await conversation.delta(run, message, 2, ' two')
  await conversation.finish(run, message, 2)
  await caughtUp(system)
  expect(await system.archive.state(conversation.ref)).toMatchObject({ messages: [{}, { text: 'one two' }] })
  const marked = await system.sql('select problem from events where session = $1 and not on_chain', [
    conversation.ref.session,
  ])
  expect(marked).toEqual([{ problem: expect.stringMatching(/^follows \d+, but its session ended with \d+$/) }])
})

test('two events with one id are both kept', async () => {
  const id = newId()
  const first = await publish('log.0.acme.twice', titled(), { 'Spool-Id': id })
  const second = await publish('log.0.acme.twice', titled({ title: 'y' }), {
    'Spool-Id': id,
    'Spool-Prev': String(first),
  })
  await caughtUp(system)
  const rows = await system.sql('select seq, event_id, problem from events where session = $1 order by seq', ['twice'])
  expect(rows).toEqual([
    { seq: first, event_id: id, problem: null },
    { seq: second, event_id: `${id}@1-${second}`, problem: `the id ${id} is used twice` },
  ])
  expect(await system.archive.state({ tenant: 'acme', session: 'twice' })).toMatchObject({ title: 'y', seq: second })
})
