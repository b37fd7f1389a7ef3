import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

const TABLES = [
  'events',
  'sessions',
  'runs',
  'messages',
  'calls',
  'questions',
  'artifacts',
  'message_terms',
  'blobs',
] as const

/** Removes all that is stored of a session and leaves a tombstone. The one way in which an event's row may go. */
export async function eraseSession(
  trx: Kysely<Schema>,
  ref: SessionRef,
  at: { readonly epoch: number; readonly seq: number },
  memoriesToo: boolean,
): Promise<void> {
  await sql`select set_config('spool.erasing', 'on', true)`.execute(trx)
  for (const table of TABLES) {
    await trx.deleteFrom(table).where('tenant', '=', ref.tenant).where('session', '=', ref.session).execute()
  }
  await sql`select set_config('spool.erasing', 'off', true)`.execute(trx)
  if (memoriesToo) await eraseMemories(trx, ref)
  await trx
    .insertInto('tombstones')
    .values({ ...ref, epoch: at.epoch, seq: at.seq })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/** What was remembered of a session. Its events are gone for good, so nothing can bring it back. */
export async function eraseMemories(kysely: Kysely<Schema>, { tenant, session }: SessionRef): Promise<void> {
  await kysely
    .deleteFrom('memories')
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .where('forgotten', '=', false)
    .execute()
}
