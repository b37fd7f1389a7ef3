import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

const PAGE = 1000

/** Every session that was erased, and where. */
export async function* erasedSessions(
  kysely: Kysely<Schema>,
): AsyncGenerator<SessionRef & { readonly seq: number }, void, undefined> {
  for (let last = { tenant: '', session: '' }; ;) {
    const rows = await kysely
      .selectFrom('tombstones')
      .select(['tenant', 'session', 'seq'])
      .where(sql<boolean>`(tenant, session) > (${last.tenant}, ${last.session})`)
      .orderBy('tenant')
      .orderBy('session')
      .limit(PAGE)
      .execute()
    yield* rows
    const end = rows.at(-1)
    if (end === undefined) return
    last = end
  }
}
