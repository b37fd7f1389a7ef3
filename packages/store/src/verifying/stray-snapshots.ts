import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

const PAGE = 10_000

/** Every session that has a row, a page at a time. */
export async function* storedSessions(kysely: Kysely<Schema>): AsyncGenerator<readonly SessionRef[], void, undefined> {
  for (let at: SessionRef = { tenant: '', session: '' }; ;) {
    const { rows } = await sql<SessionRef>`
      select tenant, session from sessions where (tenant, session) > (${at.tenant}, ${at.session})
      order by tenant, session limit ${PAGE}`.execute(kysely)
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    at = last
  }
}

/** Sessions of which there are pieces, but no row. */
export async function sessionsWithoutRow(kysely: Kysely<Schema>): Promise<SessionRef[]> {
  const { rows } = await sql<SessionRef>`
    select distinct tenant, session from (
      select tenant, session from runs
      union all select tenant, session from messages
      union all select tenant, session from calls
      union all select tenant, session from questions
      union all select tenant, session from artifacts
    ) as pieces
    where not exists (select from sessions s where s.tenant = pieces.tenant and s.session = pieces.session)
    limit 1000`.execute(kysely)
  return rows
}

/** How many were erased. */
export async function erasedSessions(kysely: Kysely<Schema>): Promise<number> {
  const { count } = await kysely
    .selectFrom('tombstones')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}

/** Sessions that were erased, and of which something is stored nevertheless. */
export async function erasedAndStored(kysely: Kysely<Schema>): Promise<SessionRef[]> {
  const { rows } = await sql<SessionRef>`
    select tenant, session from tombstones t
    where ${isLeftIn('events')} or ${isLeftIn('sessions')} or ${isLeftIn('runs')} or ${isLeftIn('messages')} or ${isLeftIn('calls')}
      or ${isLeftIn('questions')} or ${isLeftIn('artifacts')}
    limit 1000`.execute(kysely)
  return rows
}

function isLeftIn(table: string) {
  return sql`exists (select from ${sql.table(table)} p where p.tenant = t.tenant and p.session = t.session)`
}
