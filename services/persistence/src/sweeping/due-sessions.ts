import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

export interface DueSession extends SessionRef {
  /** Why it is looked at again. */
  readonly reason: 'silent' | 'queue' | 'time_limit' | 'deadline' | 'memory'
  /** Of its last event: the key of its job. */
  readonly lastSeq: number
}

/** What is idle and has a queue is given this long to go on by itself. */
const QUEUE_PATIENCE_MS = 1000
/** How long after a run's end its memory may take. */
const MEMORY_PATIENCE_MS = 12_000

/** The sessions of a shard in which something should have happened by now. Waiting for a person is not among that. */
export async function dueSessions(kysely: Kysely<Schema>, shard: number, idleMs: number): Promise<DueSession[]> {
  const { rows } = await sql<DueSession>`
    with active as (
      select distinct r.tenant, r.session, s.phase, s.state ->> 'activeRun' as active_run, last.seq, last.stored_at
      from runs r
      join sessions s on s.tenant = r.tenant and s.session = r.session
      cross join lateral (
        select seq, stored_at from events e
        where e.tenant = r.tenant and e.session = r.session and e.on_chain
        order by seq desc limit 1
      ) as last
      where r.shard = ${shard} and r.open
    )
    select tenant, session, seq as "lastSeq", 'silent' as reason from active
    where phase <> 'awaiting_confirmation' and stored_at < now() - ${ms(idleMs)}
    union all
    select tenant, session, seq, 'queue' from active a
    where active_run is null and stored_at < now() - ${ms(Math.min(QUEUE_PATIENCE_MS, idleMs))}
      and exists (select from runs r where r.tenant = a.tenant and r.session = a.session and r.open
        and r.state ->> 'status' = 'queued')
    union all
    select tenant, session, seq, 'time_limit' from active a
    where phase <> 'awaiting_confirmation'
      and exists (select from runs r where r.tenant = a.tenant and r.session = a.session and r.open
        and r.deadline < now())
    union all
    select tenant, session, seq, 'memory' from active a
    where exists (select from runs r where r.tenant = a.tenant and r.session = a.session and r.open
        and r.ended_at < now() - ${ms(MEMORY_PATIENCE_MS)})
    union all
    select a.tenant, a.session, a.seq, 'deadline' from active a
    join questions q on q.tenant = a.tenant and q.session = a.session and q.open and q.deadline < now()`.execute(kysely)
  return rows
}

function ms(milliseconds: number) {
  return sql`${milliseconds} * interval '1 millisecond'`
}
