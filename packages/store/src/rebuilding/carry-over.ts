import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { newTable, oldTable } from './new-tables.ts'

/** Takes out of the new tables what was erased since it was folded. */
export async function removeErased(kysely: Kysely<Schema>, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    if (table === 'memories') continue
    await sql`
      delete from ${newTable(table)} as new using tombstones as gone
      where gone.tenant = new.tenant and gone.session = new.session`.execute(kysely)
  }
}

/**
 * What no event says any more: memories that were kept when their session was erased, and which ids are forgotten. And
 * the other way round, those that went with their session. Again: only what has changed since.
 */
export async function carryMemories(kysely: Kysely<Schema>): Promise<void> {
  await sql`
    delete from ${newTable('memories')} as new
    where ${erased('new')} and not exists (
      select from ${oldTable('memories')} as old where old.tenant = new.tenant and old.id = new.id)`.execute(kysely)
  await sql`
    insert into ${newTable('memories')} as new
    select old.* from ${oldTable('memories')} as old
    where (old.forgotten or ${erased('old')}) and not exists (
      select from ${newTable('memories')} as new
      where new.tenant = old.tenant and new.id = old.id and new.updated_at = old.updated_at
        and new.forgotten = old.forgotten)
    on conflict (tenant, id) do update set
      user_id = excluded.user_id, agent = excluded.agent, session = excluded.session, run = excluded.run,
      text = excluded.text, terms = excluded.terms, created_at = excluded.created_at, updated_at = excluded.updated_at,
      epoch = excluded.epoch, seq = excluded.seq, forgotten = excluded.forgotten
    where not new.forgotten and (excluded.forgotten or new.updated_at <= excluded.updated_at)`.execute(kysely)
  // Since when a memory is there may be said by a session that is gone.
  await sql`
    update ${newTable('memories')} as new set created_at = old.created_at
    from ${oldTable('memories')} as old
    where old.tenant = new.tenant and old.id = new.id and old.created_at < new.created_at and not old.forgotten
      and old.tenant in (select tenant from tombstones)`.execute(kysely)
}

function erased(table: string) {
  return sql`exists (select from tombstones gone where gone.tenant = ${sql.ref(`${table}.tenant`)}
    and gone.session = ${sql.ref(`${table}.session`)})`
}
