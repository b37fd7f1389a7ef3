import { formatCursor } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** What is stored of a session is not the whole of it: a copy of that is no backup. */
export class ChainBroken extends Error {
  override readonly name = 'ChainBroken'
}

/** Where the stored events of a session do not follow each other, or end too early. To be asked in one view. */
export async function chainFault(kysely: Kysely<Schema>, { tenant, session }: SessionRef): Promise<string | null> {
  const gap = await sql<{ epoch: number; seq: number; prev: number; before: number; on_chain: boolean }>`
    select epoch, seq, prev, before, on_chain from (
      select epoch, seq, prev, on_chain, coalesce(max(seq) filter (where on_chain) over (
        order by seq rows between unbounded preceding and 1 preceding), 0) as before
      from events where tenant = ${tenant} and session = ${session}
    ) as linked
    where on_chain <> (prev = before) order by seq limit 1`.execute(kysely)
  const [first] = gap.rows
  if (first !== undefined) {
    const at = `at ${formatCursor(first)}:`
    if (!first.on_chain) return `${at} it is marked as no part of its chain, but follows where that ended`
    const ended = first.before === 0 ? 'nothing of it is stored before that' : `its chain ended at ${first.before}`
    return `${at} it follows ${first.prev}, but ${ended}`
  }
  // While its snapshots are swapped for new ones, there is none to be seen.
  const { rows } = await sql<{ stands: number; last: number }>`
    select seq as stands, coalesce((select max(seq) from events
      where tenant = ${tenant} and session = ${session} and on_chain), 0) as last
    from sessions where tenant = ${tenant} and session = ${session}`.execute(kysely)
  const end = rows.find(({ stands, last }) => stands > last)
  return end === undefined ? null : `behind ${end.last}: it should go on to ${end.stands}`
}
