import type { Cursor, MessageState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { type Kysely, sql, type Transaction } from 'kysely'
import { catchUp, type ChainRow, inOneView, type Schema, withText } from '@spool/store'
import { publicRun } from './public-shape.ts'
import { withTimes } from './with-times.ts'

/** One message, whatever its purpose is, as of the session's last stored event. */
export async function findMessage(kysely: Kysely<Schema>, ref: SessionRef, id: string) {
  const found = await loadMessage(kysely, ref, id)
  if (found === null) return null
  const [message] = await withTimes(kysely, ref, [found.message])
  return { message, cursor: found.cursor }
}

export function loadMessage(
  kysely: Kysely<Schema>,
  ref: SessionRef,
  id: string,
): Promise<{ message: MessageState; cursor: Cursor } | null> {
  return inOneView(kysely, async (trx) => {
    const row = await trx
      .selectFrom('messages')
      .select(['open', 'as_of', 'state'])
      .where('tenant', '=', ref.tenant)
      .where('session', '=', ref.session)
      .where('id', '=', id)
      .executeTakeFirst()
    if (row === undefined) return null
    let message = withText(row.state)
    if (row.open) {
      const { rows } = await sql<ChainRow>`
        select seq, epoch, coalesce(body::text, '') as body from events
        where tenant = ${ref.tenant} and session = ${ref.session} and seq > ${row.as_of} and on_chain
        order by seq`.execute(trx)
      message = catchUp(message, row.as_of, rows)
    }
    return { message, cursor: await chainEnd(trx, ref) }
  })
}

/** One run. Text does not change it, so its row always stands where its session does. */
export function findRun(kysely: Kysely<Schema>, ref: SessionRef, id: string) {
  return inOneView(kysely, async (trx) => {
    const row = await trx
      .selectFrom('runs')
      .select('state')
      .where('tenant', '=', ref.tenant)
      .where('session', '=', ref.session)
      .where('id', '=', id)
      .executeTakeFirst()
    if (row === undefined) return null
    return { run: publicRun(ref, row.state), cursor: await chainEnd(trx, ref) }
  })
}

async function chainEnd(trx: Transaction<Schema>, ref: SessionRef): Promise<Cursor> {
  return trx
    .selectFrom('events')
    .select(['epoch', 'seq'])
    .where('tenant', '=', ref.tenant)
    .where('session', '=', ref.session)
    .where('on_chain', '=', true)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
}
