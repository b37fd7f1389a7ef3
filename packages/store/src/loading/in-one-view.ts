import type { Kysely, Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** Several statements that all see the database as it was at the first, although the projector goes on writing. */
export function inOneView<Result>(
  kysely: Kysely<Schema>,
  read: (trx: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  return kysely.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read)
}
