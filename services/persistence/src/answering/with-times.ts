import type { MessageState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import type { Schema } from '@spool/store'
import type { Kysely } from 'kysely'
import { publicMessage } from './public-shape.ts'

/** Messages as clients see them, each with the time of its first event: that stands in the event, and only there. */
export async function withTimes(
  kysely: Kysely<Schema>,
  { tenant, session }: SessionRef,
  messages: readonly MessageState[],
) {
  if (messages.length === 0) return []
  const rows = await kysely
    .selectFrom('events')
    .select(['seq', 'at'])
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .where('on_chain', '=', true)
    .where(
      'seq',
      'in',
      messages.map(({ firstSeq }) => firstSeq),
    )
    .execute()
  const times = new Map(rows.map(({ seq, at }) => [seq, at?.toISOString() ?? null]))
  return messages.map((message) => publicMessage({ session }, message, times.get(message.firstSeq) ?? null))
}
