import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { ChainRow } from './fold-text.ts'

/** Held in memory at a time. */
const PAGE_EVENTS = 1000
const PAGE_BYTES = 1024 * 1024

export interface ChainRange {
  readonly after: number
  readonly until: number
  /** Without them only what is said of a message's text is missing: nearly all of a log are deltas. */
  readonly deltas: boolean
}

/** A session's chain in `(after, until]`, in order, a page at a time. */
export async function* chainRows(
  kysely: Kysely<Schema>,
  { tenant, session }: SessionRef,
  { after, until, deltas }: ChainRange,
): AsyncGenerator<ChainRow, void, undefined> {
  const which = deltas ? sql`` : sql`and type not in ('text.delta', 'reasoning.delta', 'tool.input.delta')`
  const chain = (at: number) =>
    sql`from events where tenant = ${tenant} and session = ${session} and on_chain ${which} and seq > ${at}`
  for (let at = after; at < until;) {
    // By the place where the page ends, and not by a join: a planner that knows nothing of the table yet would look
    // through the session for each of its events.
    const { rows } = await sql<ChainRow>`
      select seq, epoch, coalesce(body::text, '') as body ${chain(at)} and seq <= (
        select max(seq) from (
          select seq, sum(bytes) over (order by seq) - bytes as bytes_before
          from (select seq, bytes ${chain(at)} and seq <= ${until} order by seq limit ${PAGE_EVENTS}) as next
        ) as page
        where bytes_before < ${PAGE_BYTES}
      )
      order by seq`.execute(kysely)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    at = last.seq
  }
}
