import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** An event's row as it is read for a comparison. */
export interface StoredRow {
  readonly shard: number
  readonly epoch: number
  readonly seq: number
  readonly prev: number
  readonly id: string
  readonly type: string
  readonly run: string | null
  readonly at: Date | null
  readonly trace: string | null
  readonly on_chain: boolean
  readonly problem: string | null
  readonly bytes: number
  readonly body: string | null
  readonly raw: Buffer | null
}

const PAGE_EVENTS = 2000
const PAGE_BYTES = 8 * 1024 ** 2

/** All rows of a session, also those that are not of its chain, in order, a page at a time. */
export async function* rowsOfSession(
  kysely: Kysely<Schema>,
  { tenant, session }: SessionRef,
): AsyncGenerator<StoredRow, void, undefined> {
  for (let at = 0; ;) {
    const { rows } = await sql<StoredRow>`
      with page as (
        select shard, epoch, seq, sum(bytes) over (order by seq) - bytes as bytes_before from (
          select shard, epoch, seq, bytes from events
          where tenant = ${tenant} and session = ${session} and seq > ${at}
          order by seq limit ${PAGE_EVENTS}
        ) as next
      )
      select shard, epoch, seq, prev, event_id as id, type, run, at, trace, on_chain, problem, bytes,
        body::text as body, raw
      from page join events using (shard, epoch, seq)
      where bytes_before < ${PAGE_BYTES}
      order by seq, epoch, shard`.execute(kysely)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    at = last.seq
  }
}
