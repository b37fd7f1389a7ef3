import { type CallState, emptySession, type QuestionState, type RunState, type SessionState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { SessionHeader } from '../folding/session-header.ts'
import { type StoredMessage, withText } from '../folding/stored-message.ts'
import { assembleSession, tailStart } from './assemble-session.ts'
import type { ChainRow } from './fold-text.ts'

/** A session as the projector goes on with it: what is finished is left out. */
export interface OpenSession {
  readonly state: SessionState
  readonly epoch: number
  /** Whether it has a row. */
  readonly known: boolean
}

const NEW: OpenSession = { state: emptySession(), epoch: 0, known: false }

export const sessionKey = (ref: SessionRef): string => `${ref.tenant}/${ref.session}`

/**
 * Many sessions in a handful of statements. Only for the one who writes them: nothing may change meanwhile.
 * `asWritten`: as of their rows, without what was stored since.
 */
export async function openSessions(
  kysely: Kysely<Schema>,
  refs: readonly SessionRef[],
  { asWritten = false } = {},
): Promise<Map<string, OpenSession>> {
  const found = new Map<string, OpenSession>(refs.map((ref) => [sessionKey(ref), NEW]))
  const tenants = refs.map((ref) => ref.tenant)
  const sessions = refs.map((ref) => ref.session)
  const asked = sql`(select * from unnest(${tenants}::text[], ${sessions}::text[]) as asked (tenant, session)) as asked`

  const tombstones = await sql<SessionRef & { seq: number; epoch: number }>`
    select tenant, session, seq, epoch from tombstones natural join ${asked}`.execute(kysely)
  for (const row of tombstones.rows) {
    const state = { ...emptySession(), seq: row.seq, firstSeq: row.seq, erased: true }
    found.set(sessionKey(row), { state, epoch: row.epoch, known: true })
  }

  const headers = await sql<SessionRef & { epoch: number; state: SessionHeader }>`
    select tenant, session, epoch, state from sessions natural join ${asked}`.execute(kysely)
  if (headers.rows.length === 0) return found

  const pieces = await sql<PieceRow>`
    select 'run' as kind, tenant, session, first_seq, 0 as as_of, state from runs natural join ${asked} where open
    union all
    select 'message', tenant, session, first_seq, as_of, state from messages natural join ${asked} where open
    union all
    select 'call', tenant, session, first_seq, 0, state from calls natural join ${asked} where open
    union all
    select 'question', tenant, session, first_seq, 0, state from questions natural join ${asked} where open
    order by first_seq`.execute(kysely)
  const piecesOf = groupBySession(pieces.rows)

  const after = headers.rows.map((row) => tailStart(row.state.seq, openMessages(piecesOf.get(sessionKey(row)) ?? [])))
  const upTo = headers.rows.map((row) => (asWritten ? row.state.seq : Number.MAX_SAFE_INTEGER))
  const tails = await sql<SessionRef & ChainRow>`
    select e.tenant, e.session, e.seq, e.epoch, coalesce(e.body::text, '') as body
    from unnest(${headers.rows.map((row) => row.tenant)}::text[], ${headers.rows.map((row) => row.session)}::text[],
      ${after}::bigint[], ${upTo}::bigint[]) as asked (tenant, session, after, up_to)
    join events e on e.tenant = asked.tenant and e.session = asked.session and e.seq > asked.after and e.seq <= asked.up_to
    where e.on_chain
    order by e.seq`.execute(kysely)
  const tailOf = groupBySession(tails.rows)

  for (const { tenant, session, epoch, state: header } of headers.rows) {
    const key = sessionKey({ tenant, session })
    const own = piecesOf.get(key) ?? []
    const assembled = assembleSession({
      header,
      epoch,
      runs: own.filter(isA('run')).map((row) => row.state),
      messages: openMessages(own),
      calls: own.filter(isA('call')).map((row) => row.state),
      questions: own.filter(isA('question')).map((row) => row.state),
      artifacts: [],
      tail: tailOf.get(key) ?? [],
    })
    found.set(key, { ...assembled, known: true })
  }
  return found
}

type PieceRow = SessionRef & { first_seq: number; as_of: number } & (
    | { kind: 'run'; state: RunState }
    | { kind: 'message'; state: StoredMessage }
    | { kind: 'call'; state: CallState }
    | { kind: 'question'; state: QuestionState }
  )

function isA<Kind extends PieceRow['kind']>(kind: Kind) {
  return (row: PieceRow): row is Extract<PieceRow, { kind: Kind }> => row.kind === kind
}

function openMessages(rows: readonly PieceRow[]) {
  return rows.filter(isA('message')).map((row) => ({ asOf: row.as_of, message: withText(row.state) }))
}

function groupBySession<Row extends SessionRef>(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, sessionKey)
}
