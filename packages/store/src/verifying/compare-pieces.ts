import { isOpenRun } from '@spool/events'
import { hash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { headerOf } from '../folding/session-header.ts'
import type { PieceTable, WalkedSession, WantedPiece } from './walked-session.ts'

const TABLES: readonly PieceTable[] = ['runs', 'messages', 'calls', 'questions', 'artifacts']

/** Those of these pieces whose rows are missing, or hold something else. By digests: no state leaves Postgres. */
export async function differingPieces(kysely: Kysely<Schema>, pieces: readonly WantedPiece[]): Promise<WantedPiece[]> {
  const byTable = Map.groupBy(pieces, ({ table }) => table)
  const differing = await Promise.all([...byTable].map(([table, some]) => differingIn(kysely, table, some)))
  return differing.flat()
}

async function differingIn(
  kysely: Kysely<Schema>,
  table: PieceTable,
  pieces: readonly WantedPiece[],
): Promise<WantedPiece[]> {
  const open = table === 'artifacts' ? sql`false` : sql`p.open <> asked.open`
  const { rows } = await sql<{ n: number }>`
    select asked.n
    from unnest(${pieces.map(({ of }) => of.ref.tenant)}::text[], ${pieces.map(({ of }) => of.ref.session)}::text[],
      ${pieces.map(({ id }) => id)}::text[], ${pieces.map(({ firstSeq }) => firstSeq)}::bigint[],
      ${pieces.map((piece) => piece.open)}::boolean[], ${pieces.map(({ state }) => digestOf(state))}::text[])
      with ordinality as asked (tenant, session, id, first_seq, open, digest, n)
    left join ${sql.table(table)} p on p.tenant = asked.tenant and p.session = asked.session and p.id = asked.id
    where p.id is null or ${open} or p.first_seq <> asked.first_seq or md5(p.state::text) <> asked.digest`.execute(
    kysely,
  )
  return rows.map(({ n }) => pieces[n - 1]!)
}

/**
 * Those of these sessions whose row is missing or says something else, or of which there are more or fewer pieces. One
 * that goes on meanwhile is among them; so is one whose last event says nothing.
 */
export async function differingSessions(
  kysely: Kysely<Schema>,
  sessions: readonly WalkedSession[],
): Promise<WalkedSession[]> {
  const counts = TABLES.map((table) => sql`${sessions.map((session) => countOf(session, table))}::integer[]`)
  const differs = TABLES.map(
    (table) => sql`(select count(*) from ${sql.table(table)} p
      where p.tenant = asked.tenant and p.session = asked.session) <> asked.${sql.ref(table)}`,
  )
  const { rows } = await sql<{ n: number }>`
    select asked.n
    from unnest(${sessions.map(({ ref }) => ref.tenant)}::text[], ${sessions.map(({ ref }) => ref.session)}::text[],
      ${sessions.map(({ state }) => digestOf(headerOf(state)))}::text[],
      ${sessions.map(({ state }) => state.seq)}::bigint[], ${sessions.map(({ state }) => state.phase)}::text[],
      ${sessions.map(isAtWork)}::boolean[], ${sql.join(counts)})
      with ordinality as asked (tenant, session, digest, seq, phase, at_work, ${sql.join(TABLES.map((table) => sql.ref(table)))}, n)
    left join sessions s on s.tenant = asked.tenant and s.session = asked.session
    where s.session is null or md5(s.state::text) <> asked.digest or s.seq <> asked.seq or s.phase <> asked.phase
      or s.at_work <> asked.at_work or ${sql.join(differs, sql` or `)}`.execute(kysely)
  return rows.map(({ n }) => sessions[n - 1]!)
}

/** Those that the log says were erased, and of which there is no tombstone. */
export async function withoutTombstone(
  kysely: Kysely<Schema>,
  sessions: readonly WalkedSession[],
): Promise<WalkedSession[]> {
  const { rows } = await sql<{ n: number }>`
    select asked.n
    from unnest(${sessions.map(({ ref }) => ref.tenant)}::text[], ${sessions.map(({ ref }) => ref.session)}::text[])
      with ordinality as asked (tenant, session, n)
    where not exists (select from tombstones t where t.tenant = asked.tenant and t.session = asked.session)`.execute(
    kysely,
  )
  return rows.map(({ n }) => sessions[n - 1]!)
}

/** The text is what was written: the same fold makes the same text. Where it does not, the states are compared. */
function digestOf(state: object): string {
  return hash('md5', JSON.stringify(state))
}

function isAtWork({ state }: WalkedSession): boolean {
  return state.phase !== 'awaiting_confirmation' && state.runs.some(isOpenRun)
}

function countOf({ state, finished }: WalkedSession, table: PieceTable): number {
  const open = table === 'questions' ? (state.question === null ? 0 : 1) : state[table].length
  return finished[table] + open
}
