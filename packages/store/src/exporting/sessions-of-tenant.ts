import type { SessionRef } from '@spool/log'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'

const PAGE = 1000

/** Every session of a tenant, in the order of their ids. */
export async function* sessionsOfTenant(
  kysely: Kysely<Schema>,
  tenant: string,
): AsyncGenerator<SessionRef, void, undefined> {
  for (let after = ''; ;) {
    const rows = await kysely
      .selectFrom('sessions')
      .select(['tenant', 'session'])
      .where('tenant', '=', tenant)
      .where('session', '>', after)
      .orderBy('session')
      .limit(PAGE)
      .execute()
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.session
  }
}
