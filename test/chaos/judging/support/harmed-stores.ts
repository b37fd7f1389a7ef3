import { Bus } from '@spool/log'
import { Pool } from 'pg'
import { describe, expect, test } from 'vitest'
import { gather } from '../gather.ts'
import { judgeAll } from '../judge-all.ts'
import { type JudgedMaterial, PLAN, TALK } from './judged-play.ts'

/** Behind everybody's back, in the stores themselves. */
export function harmedStores(material: () => JudgedMaterial): void {
  describe('who comes afterwards finds what was changed', () => {
    test('in Postgres', () => harmPostgres(material()))
    test('in NATS', () => harmNats(material()))
  })
}

const TABLES = ['events', 'sessions', 'runs', 'messages', 'calls', 'questions']
const OF_PLAN = `session = '${PLAN}'`

const last = (table: string, place = 'first_seq') =>
  `${OF_PLAN} and ${place} = (select max(${place}) from ${table} where ${OF_PLAN})`
const inState = (table: string, from: string, to: string) =>
  `update ${table} set state = replace(state::text, '${from}', '${to}')::json where ${OF_PLAN}`

const HARMS: Record<string, string> = {
  'an event is gone': `delete from events where ${last('events', 'seq')}`,
  'an event in the middle is gone': `delete from events where ${OF_PLAN} and type = 'run.status'`,
  'an event is there twice': `insert into events (tenant, session, shard, epoch, seq, prev, event_id, type, run, at, stored_at, trace, on_chain, problem, bytes, body)
      select tenant, session, shard, epoch, seq + 100000, seq, event_id || 'x', type, run, at, stored_at, trace, on_chain, problem, bytes, body
      from events where ${last('events', 'seq')}`,
  'an event says something else': `update events set body = replace(body::text, '"type"', '"kind"')::json where ${last('events', 'seq')}`,
  'an event follows another one': `update events set prev = prev - 1 where ${last('events', 'seq')}`,
  'an event has another id': `update events set event_id = event_id || 'x' where ${last('events', 'seq')}`,
  'an event is set aside': `update events set on_chain = false where ${last('events', 'seq')}`,
  'two events have changed places': `update events e set body = (select body from events f where f.session = e.session and f.seq = case e.seq when p.a then p.b else p.a end)
      from (select min(seq) as a, max(seq) as b from events where ${OF_PLAN}) p where e.session = '${PLAN}' and e.seq in (p.a, p.b)`,
  'a session is gone': `delete from sessions where ${OF_PLAN}`,
  'a session is elsewhere': inState('sessions', '"phase":"idle"', '"phase":"acting"'),
  'a run is gone': `delete from runs where ${OF_PLAN}`,
  'a run ended otherwise': inState('runs', '"status":"done"', '"status":"failed"'),
  'a run used more': inState('runs', '"output_tokens":', '"output_tokens":1'),
  'a run is there twice': `insert into runs select tenant, session, id || 'x', first_seq, open, shard, ended_at, deadline, state from runs where ${OF_PLAN}`,
  'a message is gone': `delete from messages where ${last('messages')}`,
  'a message is there twice': `insert into messages select tenant, session, id || 'x', first_seq, open, as_of, shown, state from messages where ${last('messages')}`,
  'a message says something else': `update messages set state = replace(state::text, 'e', 'é')::json where ${last('messages')}`,
  'a call is gone': `delete from calls where ${last('calls')}`,
  'a call ended otherwise': inState('calls', '"status":"completed"', '"status":"failed"'),
  'a question is gone': `delete from questions where ${last('questions')}`,
  'a question was answered otherwise': inState('questions', '"action":"confirm"', '"action":"cancel"'),
}

async function harmPostgres({ system, stores, asking, faults }: JudgedMaterial): Promise<void> {
  const pool = new Pool({ connectionString: system.databaseUrl, max: 1 })
  try {
    await pool.query('alter table events disable trigger user')
    await pool.query(TABLES.map((table) => `create table if not exists kept_${table} as table ${table}`).join('; '))
    const restored = TABLES.map((table) => `delete from ${table}; insert into ${table} select * from kept_${table}`)
    const missed: string[] = []
    for (const [what, harm] of Object.entries(HARMS)) {
      const { rowCount } = await pool.query(harm)
      expect(rowCount, what).toBeGreaterThan(0)
      const seen = await gather(PLAN, stores, asking).then(faults, (error: unknown) => [String(error)])
      const verified = await stores.verify()
      if (seen.length === 0) missed.push(`${what}: by the judge's own eyes`)
      if (verified.length === 0) missed.push(`${what}: by spool verify`)
      await pool.query(restored.join('; '))
    }
    expect(missed).toEqual([])
    expect(faults(await gather(PLAN, stores, asking))).toEqual([])
    expect(await stores.verify()).toEqual([])
  } finally {
    await pool.end()
  }
}

async function harmNats({ system, play, of }: JudgedMaterial): Promise<void> {
  const bus = await Bus.connect({ servers: system.natsUrl, name: 'harm' })
  try {
    const { log } = of(TALK)
    await bus.jsm.streams.deleteMessage('LOG', log[3]!.seq)
  } finally {
    await bus.close()
  }
  const { faults } = await judgeAll(system, play, [])
  const about = faults.filter((fault) => fault.startsWith(`${TALK}: `))
  expect(about.join('\n')).toContain('Postgres holds another log than NATS')
  expect(about.join('\n')).toContain('saw something else than the log holds')
  expect(faults.join('\n')).toContain('spool verify')
}
