import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '@spool/store'

export interface DueWork extends SessionRef {
  /** Why its session is looked at again. */
  readonly reason: 'deadline' | 'time_limit' | 'memory' | 'silent' | 'queue' | 'followers' | 'producer'
  /** The position of what it is about: two questions of one session are two things. */
  readonly about: number
  /** Of its job: a position, or what a step has to ask. */
  readonly key: number | 'followers' | `silent-${number}`
}

/** What is idle and has a queue is given this long to go on by itself. */
const QUEUE_PATIENCE_MS = 1000
/** How long after a run's end its memory may take. */
const MEMORY_PATIENCE_MS = 12_000

/*
 * Both are asked once a second, so only what may be due is touched, by indexes that hold nothing else: a session that
 * waits for a person costs nothing until its question's deadline.
 */

/** What the clock says: questions past their deadline, runs past their time limit, memory that takes too long. */
export async function overdue(kysely: Kysely<Schema>, shard: number): Promise<DueWork[]> {
  const { rows } = await sql<DueWork>`
    select tenant, session, 'deadline' as reason, first_seq as about, first_seq as key from questions
    where shard = ${shard} and open and deadline < now()
    union all
    select r.tenant, r.session, 'time_limit', r.started_seq, r.started_seq from sessions s
    join runs r on r.tenant = s.tenant and r.session = s.session and r.open and r.deadline < now()
    where s.shard = ${shard} and s.at_work
    union all
    select r.tenant, r.session, 'memory', r.first_seq, last.seq from runs r
    cross join lateral ${lastEventOf('r')} as last
    where r.shard = ${shard} and r.open and r.ended_at < now() - ${ms(MEMORY_PATIENCE_MS)}`.execute(kysely)
  return rows
}

/**
 * Where nothing happens though something should; runs that are to end when nobody follows them, whose gateway may have
 * died with all who did; and producers that have not been heard of, whatever others say in their sessions. True only
 * while all that has happened is stored.
 */
export async function standing(
  kysely: Kysely<Schema>,
  shard: number,
  { idleMs, silentMs }: Patience,
): Promise<DueWork[]> {
  const { rows } = await sql<DueWork>`
    with working as (
      select s.tenant, s.session, s.phase, s.active_run, last.seq, last.stored_at from sessions s
      cross join lateral ${lastEventOf('s')} as last
      where s.shard = ${shard} and s.at_work
    )
    select tenant, session, 'silent' as reason, seq as about, seq as key from working
    where stored_at < now() - ${ms(idleMs)}
    union all
    select tenant, session, 'queue', seq, seq from working w
    where active_run is null and stored_at < now() - ${ms(Math.min(QUEUE_PATIENCE_MS, idleMs))}
      and exists (select from runs r where r.tenant = w.tenant and r.session = w.session and r.open
        and r.status = 'queued')
    union all
    select w.tenant, w.session, 'producer', w.seq, w.seq from working w
    cross join lateral ${lastEventOf('w', sql`and e.run = w.active_run`)} as own
    where w.phase = 'external' and own.stored_at < now() - ${ms(silentMs)}
    union all
    select s.tenant, s.session, 'followers', r.first_seq, null from sessions s
    join runs r on r.tenant = s.tenant and r.session = s.session and r.open
    where s.shard = ${shard} and s.at_work and r.status = 'active' and r.ends_alone
      and r.started_at < now() - ${ms(idleMs)}`.execute(kysely)
  return rows.map((row) => ({ ...row, key: keyOf(row) }))
}

export interface Patience {
  /** Of an open run that does not wait for a person. */
  readonly idleMs: number
  /** Of a producer. */
  readonly silentMs: number
}

function keyOf({ reason, key, about }: DueWork): DueWork['key'] {
  if (reason === 'followers') return reason
  return reason === 'producer' ? `silent-${about}` : key
}

function lastEventOf(table: string, which = sql``) {
  return sql`(
    select seq, stored_at from events e
    where e.tenant = ${sql.ref(`${table}.tenant`)} and e.session = ${sql.ref(`${table}.session`)} and e.on_chain ${which}
    order by seq desc limit 1
  )`
}

function ms(milliseconds: number) {
  return sql`${milliseconds} * interval '1 millisecond'`
}
