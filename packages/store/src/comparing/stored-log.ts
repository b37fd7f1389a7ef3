import { sessionOfLogSubject, type SessionRef, type StoredLog } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { sessionKey } from '../loading/open-sessions.ts'
import { storableId } from '../storing/storable.ts'

/** A shard of the log as Postgres has it. */
export function storedLog(kysely: Kysely<Schema>, shard: number): StoredLog {
  return {
    async last() {
      const event = await kysely
        .selectFrom('events')
        .select(['epoch', 'seq'])
        .where('shard', '=', shard)
        .orderBy('epoch', 'desc')
        .orderBy('seq', 'desc')
        .limit(1)
        .executeTakeFirst()
      // The rows of sessions that were erased are gone.
      const checkpoint = await kysely
        .selectFrom('projection')
        .select(['epoch', 'seq'])
        .where('shard', '=', shard)
        .executeTakeFirst()
      return {
        epoch: Math.max(event?.epoch ?? 0, checkpoint?.epoch ?? 0),
        seq: Math.max(event?.seq ?? 0, checkpoint?.seq ?? 0),
      }
    },

    async areStored(epoch, events) {
      if (events.length === 0) return []
      const rows = await kysely
        .selectFrom('events')
        .select(['seq', 'event_id'])
        .where('shard', '=', shard)
        .where('epoch', '=', epoch)
        .where(
          'seq',
          'in',
          events.map(({ seq }) => seq),
        )
        .execute()
      const idAt = new Map(rows.map(({ seq, event_id }) => [seq, event_id]))
      const refs = events.map(({ subject }) => sessionOfLogSubject(subject))
      const erased = await erasedOf(kysely, refs)
      return events.map(
        ({ seq, id }, index) => idAt.get(seq) === storableId(id) || erased.has(sessionKey(refs[index]!)),
      )
    },
  }
}

/** Which of these sessions were erased: nothing of them is kept anywhere. */
async function erasedOf(kysely: Kysely<Schema>, refs: readonly SessionRef[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<SessionRef>`
    select tenant, session from tombstones where (tenant, session) in (
      select * from unnest(${refs.map(({ tenant }) => tenant)}::text[], ${refs.map(({ session }) => session)}::text[])
    )`.execute(kysely)
  return new Set(rows.map(sessionKey))
}
