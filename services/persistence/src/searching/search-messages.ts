import { formatCursor } from '@spool/events'
import { ofTenant, type Schema, storableInstant, storableText, withText } from '@spool/store'
import { type Kysely, sql } from 'kysely'
import type { z } from 'zod'
import type { searchAsk } from '../answering/ask.ts'
import { QueryRefusal } from '../answering/refusals.ts'
import { PageOfSnippets, snippetOf } from './snippet.ts'
import { wantedOf } from './wanted.ts'

/** What a tenant's people were shown that has all of these words, the newest first. */
export async function searchMessages(
  kysely: Kysely<Schema>,
  { tenant, q, session, role, limit, before }: z.output<typeof searchAsk>,
): Promise<{ hits: unknown[]; next: string | null }> {
  const place = before == null ? null : parsePlace(before)
  const wanted = wantedOf(storableText(q))
  if (wanted === null) return { hits: [], next: null }
  const { words, beginning } = wanted
  let query = kysely
    .selectFrom('message_terms')
    .select(['session', 'message', 'said_at', 'epoch', 'seq'])
    .where('tenant', '=', tenant)
    .where(sql<boolean>`terms @@ ${ofTenant(tenant, words, beginning)}::tsquery`)
    .orderBy('said_at', 'desc')
    .orderBy('message', 'desc')
    .orderBy('session', 'desc')
    .limit(limit + 1)
  if (session != null) query = query.where('session', '=', session)
  if (role != null) query = query.where('role', '=', role)
  if (place !== null) {
    const { at, message, session: of } = place
    query = query.where(sql<boolean>`(said_at, message, session) < (${at}::timestamptz, ${message}, ${of})`)
  }
  const rows = await kysely
    .with('found', () => query)
    .selectFrom('found')
    .innerJoin('messages', (join) =>
      join
        .on('messages.tenant', '=', tenant)
        .onRef('messages.session', '=', 'found.session')
        .onRef('messages.id', '=', 'found.message'),
    )
    .select(['found.session', 'said_at', 'epoch', 'seq', 'state'])
    .orderBy('said_at', 'desc')
    .orderBy('message', 'desc')
    .orderBy('session', 'desc')
    .execute()
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  const snippets = new PageOfSnippets()
  const hits: unknown[] = []
  for (const row of page) {
    const message = withText(row.state)
    hits.push({
      session: row.session,
      message: message.id,
      run: message.run,
      role: message.role,
      status: message.status,
      partial: message.status === 'partial',
      at: row.said_at.toISOString(),
      snippet: await snippetOf(message.text, wanted, snippets),
      cursor: formatCursor(row),
      seq: row.seq,
    })
  }
  return {
    hits,
    next: last === undefined ? null : `${last.said_at.getTime()}.${last.state.id}.${last.session}`,
  }
}

function parsePlace(text: string): { at: string; message: string; session: string } {
  const found = /^(-?\d{1,14})\.([A-Za-z0-9_-]{1,128})\.([A-Za-z0-9_-]{1,128})$/.exec(text)
  const at = found && storableInstant(new Date(Number(found[1])).toISOString())
  if (found === null || at === null) throw new QueryRefusal('bad_query', 'This is not the "next" of a page of hits.')
  return { at, message: found[2]!, session: found[3]! }
}
