import { searchTerms } from '@spool/events'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import type { memoriesAsk } from '../answering/ask.ts'
import { QueryRefusal } from '../answering/refusals.ts'
import { allBeginning, ownerOf, type Schema } from '@spool/store'

/** A tenant's memories, or one user's, the newest first; with `q` those that have all of its words, or their beginnings. */
export async function listMemories(
  kysely: Kysely<Schema>,
  { tenant, user, agent, q, limit, before }: z.output<typeof memoriesAsk>,
): Promise<{ memories: unknown[]; next: string | null }> {
  let query = kysely
    .selectFrom('memories')
    .select(['id', 'text', 'user_id as user', 'agent', 'session', 'run', 'created_at', 'updated_at'])
    .where('tenant', '=', tenant)
    .where('forgotten', '=', false)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
  const owner = ownerOf({ user: user ?? null, agent: agent ?? null })
  const terms = q == null ? null : searchTerms(q)
  if ((user != null && owner.user === null) || terms?.length === 0) return { memories: [], next: null }
  if (owner.user !== null) query = query.where('user_id', '=', owner.user)
  if (owner.agent !== null) query = query.where('agent', '=', owner.agent)
  if (terms !== null) query = query.where(sql<boolean>`terms @@ ${allBeginning(terms)}::tsquery`)
  if (before != null) {
    const place = parsePlace(before)
    query = query.where(sql<boolean>`(created_at, id) < (${place.createdAt}::timestamptz, ${place.id})`)
  }
  const rows = await query.execute()
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return {
    memories: page,
    next: last === undefined ? null : `${last.created_at.getTime()}.${last.id}`,
  }
}

function parsePlace(text: string): { createdAt: string; id: string } {
  const found = /^(\d{1,14})\.([A-Za-z0-9_-]{1,128})$/.exec(text)
  if (found === null) throw new QueryRefusal('bad_query', 'This is not the "next" of a page of memories.')
  return { createdAt: new Date(Number(found[1])).toISOString(), id: found[2]! }
}
