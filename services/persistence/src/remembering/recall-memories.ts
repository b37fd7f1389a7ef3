import { termsOf } from '@spool/events'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import type { recallAsk } from '../answering/ask.ts'
import { anyOf, ownerOf, type Schema } from '@spool/store'
import { byRelevance } from './by-relevance.ts'

/** Of so few a model is told all: what helps need not have a word in common with what is asked. */
const FEW = 20
/** So many that have any word of the question are looked at more closely. */
const CANDIDATES = 200

/** What of a user has to do with a text, the best first; of what is equally good the newest. */
export async function recallMemories(
  kysely: Kysely<Schema>,
  ask: z.output<typeof recallAsk>,
): Promise<{ id: string; text: string }[]> {
  const { user, agent } = ownerOf({ user: ask.user ?? null, agent: ask.agent ?? null })
  const whose = user === null ? sql`user_id is null and session = ${ask.session}` : sql`user_id = ${user}`
  const whoTo = agent === null ? sql`agent is null` : sql`agent = ${agent}`
  const owned = sql`tenant = ${ask.tenant} and ${whose} and ${whoTo} and not forgotten`
  const wanted = termsOf(ask.text)
  const query = sql`${anyOf(wanted)}::tsquery`
  const { rows } = await sql<{ id: string; text: string }>`
    select id, text from memories
    where ${owned}
      and (terms @@ ${query} or (select count(*) from (select from memories where ${owned} limit ${FEW + 1}) as few) <= ${FEW})
    order by ts_rank(terms, ${query}) desc, updated_at desc, id desc
    limit ${CANDIDATES}`.execute(kysely)
  return byRelevance(rows, new Set(wanted)).slice(0, ask.limit)
}
