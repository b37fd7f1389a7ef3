import { type Kysely, sql } from 'kysely'
import { type Schema, storableInstant } from '@spool/store'
import { publicSession } from './public-shape.ts'
import { QueryRefusal } from './refusals.ts'

/** A tenant's sessions, the newest first. By when they began, so that pages are stable while events arrive. */
export async function listSessions(
  kysely: Kysely<Schema>,
  tenant: string,
  limit: number,
  before: string | null,
): Promise<{ sessions: unknown[]; next: string | null }> {
  const place = before === null ? null : parsePlace(before)
  let query = kysely
    .selectFrom('sessions')
    .select(['session', 'epoch', 'started_at', 'state'])
    .where('tenant', '=', tenant)
    .orderBy('started_at', 'desc')
    .orderBy('session', 'desc')
    .limit(limit + 1)
  if (place !== null) {
    query = query.where(sql<boolean>`(started_at, session) < (${place.startedAt}::timestamptz, ${place.session})`)
  }
  const rows = await query.execute()
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    sessions: page.map(({ session, epoch, state }) => ({
      ...publicSession({ session }, state),
      cursor: { epoch, seq: state.seq },
    })),
    next: last === undefined ? null : `${last.started_at.getTime()}.${last.session}`,
  }
}

function parsePlace(text: string): { startedAt: string; session: string } {
  const found = /^(-?\d{1,14})\.([A-Za-z0-9_-]{1,128})$/.exec(text)
  const startedAt = found && storableInstant(new Date(Number(found[1])).toISOString())
  if (found === null || startedAt === null) {
    throw new QueryRefusal('bad_query', 'This is not the "next" of a page of sessions.')
  }
  return { startedAt, session: found[2]! }
}
