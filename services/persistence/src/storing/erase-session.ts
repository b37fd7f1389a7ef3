import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

const TABLES = ['events', 'sessions', 'runs', 'messages', 'calls', 'questions', 'artifacts'] as const

/** Removes all that is stored of a session and leaves a tombstone. The one way in which an event's row may go. */
export async function eraseSession(
  trx: Kysely<Schema>,
  ref: SessionRef,
  at: { readonly epoch: number; readonly seq: number },
): Promise<void> {
  await sql`select set_config('spool.erasing', 'on', true)`.execute(trx)
  for (const table of TABLES) {
    await trx.deleteFrom(table).where('tenant', '=', ref.tenant).where('session', '=', ref.session).execute()
  }
  await sql`select set_config('spool.erasing', 'off', true)`.execute(trx)
  await trx
    .insertInto('tombstones')
    .values({ ...ref, epoch: at.epoch, seq: at.seq })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
