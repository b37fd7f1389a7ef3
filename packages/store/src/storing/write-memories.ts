import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { MemoryChanges, Remembered } from '../folding/memory-changes.ts'
import { lexemesOf } from './lexemes.ts'
import { storableInstant, storableText } from './storable.ts'

export async function writeMemories(trx: Kysely<Schema>, { remembered, forgotten }: MemoryChanges): Promise<void> {
  if (remembered.length > 0) await remember(trx, remembered)
  if (forgotten.length > 0) await forget(trx, forgotten)
}

/**
 * An id that is there is an update of its owner's memory, where it is not older than that; one that was forgotten stays
 * so.
 */
async function remember(trx: Kysely<Schema>, memories: readonly Remembered[]): Promise<void> {
  const column = <Value>(value: (memory: Remembered) => Value): Value[] => memories.map(value)
  const instants = (value: (memory: Remembered) => string) =>
    column((memory) => storableInstant(value(memory)) ?? new Date().toISOString())
  await sql`
    insert into memories as known (tenant, id, user_id, agent, session, run, text, terms, created_at, updated_at,
      epoch, seq)
    select * from unnest(
      ${column(({ tenant }) => tenant)}::text[], ${column(({ id }) => id)}::text[],
      ${column(({ user }) => user)}::text[], ${column(({ agent }) => agent)}::text[],
      ${column(({ session }) => session)}::text[], ${column(({ run }) => run)}::text[],
      ${column(({ text }) => storableText(text))}::text[],
      ${column(({ text }) => lexemesOf(text))}::tsvector[],
      ${instants(({ since }) => since)}::timestamptz[], ${instants(({ at }) => at)}::timestamptz[],
      ${column(({ epoch }) => epoch)}::integer[], ${column(({ seq }) => seq)}::bigint[])
    on conflict (tenant, id) do update set
      ${sql.join(['session', 'run', 'text', 'terms', 'updated_at', 'epoch', 'seq'].map(asLastSaid))},
      created_at = least(known.created_at, excluded.created_at)
    where not known.forgotten
      and known.user_id is not distinct from excluded.user_id
      and known.agent is not distinct from excluded.agent`.execute(trx)
}

function asLastSaid(column: string) {
  return sql`${sql.ref(column)} = case
    when (known.updated_at, known.epoch, known.seq) <= (excluded.updated_at, excluded.epoch, excluded.seq)
    then ${sql.ref(`excluded.${column}`)} else ${sql.ref(`known.${column}`)} end`
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
