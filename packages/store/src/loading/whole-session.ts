import type { SessionState } from '@spool/events'
import { emptySession } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { withText } from '../folding/stored-message.ts'
import { assembleSession, tailStart } from './assemble-session.ts'
import type { ChainRow } from './fold-text.ts'
import { inOneView } from './in-one-view.ts'

export interface LoadedSession {
  readonly state: SessionState
  readonly epoch: number
}

export interface WhatToLoad {
  /** `open`: those that may still change. `shown`: also finished ones that people are shown. */
  readonly messages: 'all' | 'open' | ShownPage
  /** Finished runs, calls, questions and artifacts as well. */
  readonly finished: boolean
}

export interface ShownPage {
  /** The position at which a message began. */
  readonly after: number
  readonly limit: number | null
}

/** All that is known of a session, as of its last stored event. `null`: never seen. */
export function loadSession(kysely: Kysely<Schema>, ref: SessionRef, what: WhatToLoad): Promise<LoadedSession | null> {
  return inOneView(kysely, (trx) => loadSessionIn(trx, ref, what))
}

/** The same within a view that is open already. */
export async function loadSessionIn(
  trx: Transaction<Schema>,
  ref: SessionRef,
  what: WhatToLoad,
): Promise<LoadedSession | null> {
  const { tenant, session } = ref
  const of = <Table extends 'runs' | 'messages' | 'calls' | 'questions' | 'artifacts'>(table: Table) =>
    sql`from ${sql.table(table)} where tenant = ${tenant} and session = ${session}`
  const header = await trx
    .selectFrom('sessions')
    .select(['epoch', 'state'])
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .executeTakeFirst()
  if (header === undefined) return erasedSession(trx, ref)

  const openOnly = what.finished ? sql`` : sql`and open`
  const { rows: pieces } = await sql<PiecesRow>`
    select
      (select coalesce(json_agg(state order by first_seq), '[]') ${of('runs')} ${openOnly}) as runs,
      (select coalesce(json_agg(state order by first_seq), '[]') ${of('calls')} ${openOnly}) as calls,
      (select coalesce(json_agg(state order by first_seq), '[]') ${of('questions')} ${openOnly}) as questions,
      (select coalesce(json_agg(state order by first_seq), '[]') ${of('artifacts')} and ${what.finished}) as artifacts`.execute(
    trx,
  )
  const { runs, calls, questions, artifacts } = pieces[0]!
  const messages = await loadMessages(trx, ref, what.messages)
  const open = messages.filter(({ message }) => message.status === 'requested' || message.status === 'streaming')
  const { rows: tail } = await sql<ChainRow>`
    select seq, epoch, coalesce(body::text, '') as body from events
    where tenant = ${tenant} and session = ${session} and seq > ${tailStart(header.state.seq, open)} and on_chain
    order by seq`.execute(trx)
  return assembleSession({
    header: header.state,
    epoch: header.epoch,
    runs,
    messages,
    calls,
    questions,
    artifacts,
    tail,
  })
}

type PiecesRow = Pick<SessionState, 'runs' | 'calls' | 'questions' | 'artifacts'>

async function loadMessages(trx: Transaction<Schema>, ref: SessionRef, which: WhatToLoad['messages']) {
  let query = trx
    .selectFrom('messages')
    .select(['as_of', 'state'])
    .where('tenant', '=', ref.tenant)
    .where('session', '=', ref.session)
    .orderBy('first_seq')
  if (which === 'open') query = query.where('open', '=', true)
  else if (which !== 'all') {
    query = query.where('shown', '=', true).where('first_seq', '>', which.after)
    if (which.limit !== null) query = query.limit(which.limit)
  }
  const rows = await query.execute()
  return rows.map((row) => ({ asOf: row.as_of, message: withText(row.state) }))
}

async function erasedSession(trx: Transaction<Schema>, ref: SessionRef): Promise<LoadedSession | null> {
  const tombstone = await trx
    .selectFrom('tombstones')
    .select(['epoch', 'seq'])
    .where('tenant', '=', ref.tenant)
    .where('session', '=', ref.session)
    .executeTakeFirst()
  if (tombstone === undefined) return null
  const { epoch, seq } = tombstone
  return { state: { ...emptySession(), seq, firstSeq: seq, erased: true }, epoch }
}
