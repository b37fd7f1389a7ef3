import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { MemoryChanges, Remembered } from '../folding/memory-changes.ts'
import { lexemesOf } from './lexemes.ts'
import { storableInstant, storableText } from './storable.ts'

export async function writeMemories(trx: Kysely<Schema>, { remembered, forgotten }: MemoryChanges): Promise<void> {
  if (remembered.length > 0) await remember(trx, remembered)
  if (forgotten.length > 0) await forget(trx, forgotten)
}

/** An id that is there is an update of its owner's memory; one that was forgotten stays so. */
async function remember(trx: Kysely<Schema>, memories: readonly Remembered[]): Promise<void> {
  const column = <Value>(value: (memory: Remembered) => Value): Value[] => memories.map(value)
  const at = column((memory) => storableInstant(memory.at) ?? new Date().toISOString())
  await sql`
    insert into memories as known (tenant, id, user_id, agent, session, run, text, terms, created_at, updated_at,
      epoch, seq)
    select * from unnest(
      ${column(({ tenant }) => tenant)}::text[], ${column(({ id }) => id)}::text[],
      ${column(({ user }) => user)}::text[], ${column(({ agent }) => agent)}::text[],
      ${column(({ session }) => session)}::text[], ${column(({ run }) => run)}::text[],
      ${column(({ text }) => storableText(text))}::text[],
      ${column(({ text }) => lexemesOf(text))}::tsvector[],
      ${at}::timestamptz[], ${at}::timestamptz[],
      ${column(({ epoch }) => epoch)}::integer[], ${column(({ seq }) => seq)}::bigint[])
    on conflict (tenant, id) do update set
      session = excluded.session, run = excluded.run, text = excluded.text, terms = excluded.terms,
      created_at = least(known.created_at, excluded.created_at), updated_at = excluded.updated_at,
      epoch = excluded.epoch, seq = excluded.seq
    where not known.forgotten and known.updated_at <= excluded.updated_at
      and known.user_id is not distinct from excluded.user_id
      and known.agent is not distinct from excluded.agent`.execute(trx)
}

/** Leaves the ids and nothing else. */
export async function forget(
  trx: Kysely<Schema>,
  memories: readonly { readonly tenant: string; readonly id: string }[],
): Promise<void> {
  await sql`
    insert into memories (tenant, id, session, run, text, terms, created_at, updated_at, epoch, seq, forgotten)
    select tenant, id, '', '', '', '', now(), now(), 0, 0, true
    from unnest(${memories.map(({ tenant }) => tenant)}::text[], ${memories.map(({ id }) => id)}::text[])
      as forgotten (tenant, id)
    on conflict (tenant, id) do update set
      user_id = null, agent = null, session = '', run = '', text = '', terms = '', created_at = now(),
      updated_at = now(), epoch = 0, seq = 0, forgotten = true
    where not memories.forgotten`.execute(trx)
}
