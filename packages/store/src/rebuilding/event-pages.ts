import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { ChainRow } from '../loading/fold-text.ts'

/** An event with the place that it has among all: by tenant, session and position. */
export interface SessionRow extends SessionRef, ChainRow {
  readonly shard: number
}

/** From where on a session is read. */
export interface SessionAfter extends SessionRef {
  readonly after: number
}

/** So many are held in memory, three times: those that are read, folded and written. */
const PAGE_EVENTS = 10_000
const PAGE_BYTES = 16 * 1024 ** 2

const BEGINNING = { tenant: '', session: '', seq: 0 }

/**
 * The chains of all sessions, or of those that are asked for, one after the other, a page at a time; while one is worked
 * on the next is read. Each page is a statement of its own: a reader that goes on for an hour would keep Postgres from
 * cleaning up behind all others.
 */
export async function* eventPages(
  kysely: Kysely<Schema>,
  asked?: readonly SessionAfter[],
): AsyncGenerator<SessionRow[], void, undefined> {
  let next = readPage(kysely, BEGINNING, asked)
  for (;;) {
    const page = await next
    const last = page.at(-1)
    if (last === undefined) return
    next = readPage(kysely, last, asked)
    // Whoever reads on hears of it; whoever stops need not.
    next.catch(() => undefined)
    yield page
  }
}

async function readPage(
  kysely: Kysely<Schema>,
  { tenant, session, seq }: SessionRef & { readonly seq: number },
  asked?: readonly SessionAfter[],
): Promise<SessionRow[]> {
  const which =
    asked === undefined
      ? sql``
      : sql`join unnest(${asked.map((one) => one.tenant)}::text[], ${asked.map((one) => one.session)}::text[],
          ${asked.map((one) => one.after)}::bigint[]) as asked (tenant, session, after)
          on asked.tenant = e.tenant and asked.session = e.session and e.seq > asked.after`
  const { rows } = await sql<SessionRow>`
    select tenant, session, shard, seq, epoch, body from (
      select e.tenant, e.session, e.shard, e.seq, e.epoch, coalesce(e.body::text, '') as body,
        sum(e.bytes) over (rows unbounded preceding) - e.bytes as bytes_before
      from (
        select e.* from events e ${which}
        where e.on_chain and (e.tenant, e.session, e.seq) > (${tenant}, ${session}, ${seq})
        order by e.tenant, e.session, e.seq limit ${PAGE_EVENTS}
      ) as e
    ) as page
    where bytes_before < ${PAGE_BYTES}`.execute(kysely)
  return rows
}
