import type { Cursor } from '@spool/events'
import type { ArchivedEvent, ArchivedPage, ArchiveTail, SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

const PAGE_EVENTS = 2000
const PAGE_BYTES = 512 * 1024

/** The end of a session's chain. */
export async function chainTail(kysely: Kysely<Schema>, { tenant, session }: SessionRef): Promise<ArchiveTail> {
  const { rows } = await sql<{ erased: number | null; last: number | null }>`
    select (select seq from tombstones where tenant = ${tenant} and session = ${session}) as erased,
      (select seq from events where tenant = ${tenant} and session = ${session} and on_chain
        order by seq desc limit 1) as last`.execute(kysely)
  const { erased, last } = rows[0]!
  return erased === null ? { seq: last ?? 0, erased: false } : { seq: erased, erased: true }
}

/** Events of a session's chain in order, as many as fit into a page; at least one, where there is one. */
export async function readChain(
  kysely: Kysely<Schema>,
  { tenant, session }: SessionRef,
  after: number,
  until: number,
  limit = PAGE_EVENTS,
): Promise<ArchivedPage> {
  // By the place where the page ends, and not by a join: a planner that knows nothing of the table yet would look through
  // the session for each of its events.
  const chain = sql`from events where tenant = ${tenant} and session = ${session} and on_chain and seq > ${after}`
  const { rows } = await sql<Omit<ArchivedEvent, 'body' | 'raw'> & { body: string | null; raw: Buffer | null }>`
    select seq, prev, epoch, event_id as id, type, trace, body::text as body, raw ${chain} and seq <= (
      select max(seq) from (
        select seq, sum(bytes) over (order by seq) - bytes as bytes_before
        from (select seq, bytes ${chain} and seq <= ${until} order by seq limit ${limit}) as next
      ) as page
      where bytes_before < ${PAGE_BYTES}
    )
    order by seq`.execute(kysely)
  const events = rows.map(({ body, raw, ...event }) => ({
    ...event,
    ...(body === null ? { raw: raw!.toString('base64') } : { body }),
  }))
  const last = events.at(-1)
  return { events, more: last !== undefined && last.seq < until }
}

/** Whether the session's chain has an event at exactly this place. */
export async function isOnChain(kysely: Kysely<Schema>, ref: SessionRef, epoch: number, seq: number): Promise<boolean> {
  return (await placeOnChain(kysely, ref, { epoch, seq })) !== null
}

/** The place of the event that a cursor names, in the event's own epoch; `null` where the session's chain has none there. */
export async function placeOnChain(
  kysely: Kysely<Schema>,
  { tenant, session }: SessionRef,
  { epoch, seq }: Cursor,
): Promise<Cursor | null> {
  const found = await kysely
    .selectFrom('events')
    .select(['epoch', 'seq'])
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    // Positions grow from epoch to epoch, so a later one may name an event of an earlier.
    .where('epoch', '<=', epoch)
    .where('seq', '=', seq)
    .where('on_chain', '=', true)
    .executeTakeFirst()
  return found ?? null
}

/** The highest position stored, by shard. */
export async function storedHeights(kysely: Kysely<Schema>, shards: number): Promise<number[]> {
  const rows = await kysely.selectFrom('projection').select(['shard', 'seq']).execute()
  const heights = Array.from({ length: shards }, () => 0)
  for (const { shard, seq } of rows) if (shard < shards) heights[shard] = seq
  return heights
}
