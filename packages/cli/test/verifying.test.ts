import { draft, encodeEvent, newId, type SpoolEvent } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { caughtUp } from '../../../services/persistence/test/support/caught-up.ts'
import { Conversation } from '../../../services/persistence/test/support/conversation.ts'
import { startSystem, type System } from '../../../services/persistence/test/support/system.ts'
import { spoolWith } from './support/run-spool.ts'

let system: System
let spool: ReturnType<typeof spoolWith>
beforeAll(async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
  spool = spoolWith({ NATS_URL: system.nats.url, DATABASE_URL: system.postgres.url, SPOOL_DATA: '/nowhere' })
})
afterAll(() => system.stop())

/** Erased for good, in the way that persistence does. */
async function erase(conversation: Conversation): Promise<void> {
  await conversation.append('session.erased', encodeEvent(draft('session.erased', { by: 'user' }) as SpoolEvent))
}

test('what does not parse, or is twice there, is known and counted', async () => {
  const odd = new Conversation(system.log)
  await odd.append('text.delta', Buffer.from('not json'))
  await odd.append('text.delta', Buffer.from([0xff, 0xfe]))
  await odd.append('from.the.future', Buffer.from('{"type":"from.the.future","x":"\\u0000\\ud800","run":"\\u0000"}'))
  await odd.say('session.titled', { title: 'with \u0000 and \ud800' })
  await caughtUp(system)
  const { code, stdout } = await spool('verify', '--session', odd.ref.session, '--tenant', 'acme')
  expect([code, stdout]).toEqual([0, expect.stringContaining('2 of them are kept and not folded')])
  expect((await spool('verify')).code).toBe(0)
})

/** What somebody did who is allowed everything. */
async function tamper(statement: string, values: unknown[] = []): Promise<void> {
  await system.sql('alter table events disable trigger all')
  try {
    await system.sql(statement, values)
  } finally {
    await system.sql('alter table events enable trigger all')
  }
}

test('what a difference shows holds nothing that a terminal obeys', async () => {
  const conversation = new Conversation(system.log)
  await conversation.say('session.titled', { title: 'red \u009b31m, turned \u202e around' })
  await caughtUp(system)
  const { session } = conversation.ref
  const change = async (from: string, to: string) =>
    system.sql('update sessions set state = replace(state::text, $2, $3)::json where session = $1', [session, from, to])
  await change('red', 'rad')
  const { code, stdout } = await spool('verify', '--session', session, '--tenant', 'acme')
  await change('rad', 'red')
  expect(code).toBe(1)
  expect(stdout).toContain('red <U+009B>31m, turned <U+202E> around')
  expect(stdout).not.toMatch(/[\u0080-\u009f\u202a-\u202e]/)
})

const BREAKS: Record<string, (conversation: Conversation) => Promise<RegExp>> = {
  'a changed body': async ({ ref, seq }) => {
    await tamper(
      `update events set body = replace(body::text, 'word3', 'wird3')::json where session = $1 and body::text like '%word3%'`,
      [ref.session],
    )
    return new RegExp(`at 1-${seq - 4}: its body is not what the log holds[^]*word3[^]*wird3`)
  },
  'a deleted row': async ({ ref, seq }) => {
    await tamper('delete from events where session = $1 and seq = $2', [ref.session, seq - 3])
    return new RegExp(`at 1-${seq - 3}: is in the log and before the checkpoint, but not stored`)
  },
  'a deleted row that has left the log, too': async ({ ref, seq }) => {
    await tamper('delete from events where session = $1 and seq = $2', [ref.session, seq - 3])
    await system.bus.jsm.streams.purge('LOG', { seq })
    return new RegExp(`at 1-${seq - 2}: follows ${seq - 3}, but its session's chain ended at ${seq - 4}`)
  },
  'a deleted last row that has left the log, too': async ({ ref, seq }) => {
    await tamper('delete from events where session = $1 and seq = $2', [ref.session, seq])
    await new Conversation(system.log).answer(1)
    await caughtUp(system)
    await system.bus.jsm.streams.purge('LOG', { seq: seq + 1 })
    return new RegExp(`its snapshot stands at ${seq}, but the last of its stored events is ${seq - 1}`)
  },
  'a wrong predecessor': async ({ ref, seq }) => {
    await tamper('update events set prev = prev - 1 where session = $1 and seq = $2', [ref.session, seq - 3])
    return new RegExp(`at 1-${seq - 3}: its predecessor is not what the log holds`)
  },
  'an event that the log has lost': async ({ seq }) => {
    await system.bus.jsm.streams.deleteMessage('LOG', seq - 3)
    return new RegExp(`at 1-${seq - 3}: is stored, but the log does not hold it any more`)
  },
  'a row too many': async ({ ref, seq }) => {
    await system.bus.jsm.streams.deleteMessage('LOG', seq)
    await tamper('delete from events where session = $1 and seq = $2', [ref.session, seq])
    await tamper(
      `insert into events select shard, epoch, $2, tenant, session, prev, 'made-up', type, run, at, stored_at, trace,
        on_chain, problem, bytes, body, raw from events where session = $1 and seq = $3`,
      [ref.session, seq, seq - 3],
    )
    return new RegExp(`at 1-${seq}: (is stored, but the log does not hold it|follows)`)
  },
  'the text of a message': async ({ ref }) => {
    await system.sql(
      `update messages set state = replace(state::text, 'word2', 'ward2')::json where session = $1 and state::text like '%word2%'`,
      [ref.session],
    )
    return /the stored snapshot is not the fold of its events: message \w+ [^]*word2[^]*ward2[^]*spool rebuild/
  },
  'a message too few': async ({ ref }) => {
    await system.sql('delete from messages where session = $1', [ref.session])
    return /the stored snapshot is not the fold of its events: message/
  },
  'a run too many': async ({ ref }) => {
    await system.sql(
      `insert into runs select tenant, session, 'made-up', first_seq, open, shard, ended_at, deadline, state from runs where session = $1`,
      [ref.session],
    )
    return /the stored snapshot is not the fold of its events: run/
  },
  'a session without its row': async ({ ref }) => {
    await system.sql('delete from sessions where session = $1', [ref.session])
    return /has events, but no snapshot/
  },
  'a run that is said to be open': async ({ ref }) => {
    await system.sql('update runs set open = true where session = $1', [ref.session])
    return /the column open of run/
  },
  'rows of a session that was erased': async (conversation) => {
    const { ref } = conversation
    await system.sql('create table kept as select * from events where session = $1', [ref.session])
    await erase(conversation)
    await caughtUp(system)
    await system.sql('insert into events select * from kept')
    return /the session was erased at 1-\d+, but 12 row\(s\) of it are left in events/
  },
}

test.each(Object.keys(BREAKS))('%s is found and named', async (what) => {
  const conversation = new Conversation(system.log)
  await conversation.answer(5)
  await caughtUp(system)
  const { tenant, session } = conversation.ref
  const says = await BREAKS[what]!(conversation)
  const alone = await spool('verify', '--session', session, '--tenant', tenant)
  expect([alone.code, alone.stdout]).toEqual([1, expect.stringMatching(says)])
  const all = await spool('verify')
  expect([all.code, all.stderr + all.stdout]).toEqual([1, expect.stringMatching(says)])
  expect(all.stdout).toContain('The first difference:')
  await heal(conversation)
})

/** The session is taken out of both, so that the next break is the only one. */
async function heal({ ref }: Conversation): Promise<void> {
  const tables = ['events', 'sessions', 'runs', 'messages', 'calls', 'questions', 'artifacts']
  for (const table of tables) await tamper(`delete from ${table} where session = $1`, [ref.session])
  await system.bus.jsm.streams.purge('LOG', { filter: system.log.subjects.log(ref) })
}

test('it asks in a way that is understood', async () => {
  expect((await spool('verify', '--session', 'a b')).code).toBe(2)
  expect((await spool('verify', '--tenant', 'acme')).code).toBe(2)
  const unknown = await spool('verify', '--session', newId())
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('There is no session')])
})

test('while sessions are written, erased and leave the log, all of them are as they must be', async () => {
  const ending = new AbortController()
  const writers = Array.from({ length: 4 }, async (_, index) => {
    while (!ending.signal.aborted) {
      const conversation = new Conversation(system.log)
      await conversation.answer(30)
      const { run, message } = await conversation.begin('goes on')
      await conversation.delta(run, message, 1, 'half')
      if (index % 2 === 0) await erase(conversation)
    }
  })
  const purger = (async () => {
    while (!ending.signal.aborted) {
      const [row] = await system.sql<{ seq: number }>('select seq from projection')
      await system.bus.jsm.streams.purge('LOG', { seq: Math.max(1, row!.seq - 300) })
    }
  })()
  try {
    for (let round = 0; round < 4; round++) {
      const { code, documents } = await spool('verify', '--json')
      expect([code, documents[0]!['differences']]).toEqual([0, []])
    }
  } finally {
    ending.abort()
    await Promise.all([...writers, purger])
  }
  await caughtUp(system)
  const { code, documents } = await spool('verify', '--all', '--json')
  expect(code).toBe(0)
  const [counted] = await system.sql<{ events: number; sessions: number }>(
    'select (select count(*) from events) as events, (select count(*) from sessions) as sessions',
  )
  expect(documents[0]).toMatchObject({ ok: true, ...counted, differences: [], unexamined: 0 })
  expect(documents[0]!['in_log']).toBeLessThan(counted!.events)
  expect(documents[0]!['erased']).toBeGreaterThan(0)
})
