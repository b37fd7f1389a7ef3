import type { Log, SessionRef } from '@spool/log'
import type { Kysely } from 'kysely'
import type { z } from 'zod'
import type { AnsweringContext } from '../answering/answers.ts'
import type { forgetAsk } from '../answering/ask.ts'
import { appendBehind } from '../appending/append-behind.ts'
import { chainTail, forget, ownerOf, type Schema } from '@spool/store'

type ForgetAsk = z.output<typeof forgetAsk>

const SESSIONS_AT_ONCE = 8
/** An event has its limit; an id has up to 128 characters. */
const IDS_PER_EVENT = 1000

/**
 * Forgets memories for good: by an event in the session each came from, else a rebuild would bring it back. Resolves
 * when none of them can be found any more. Again: there is nothing left to forget.
 */
export async function forgetMemories(
  { kysely, log, untilNow }: AnsweringContext,
  ask: ForgetAsk,
): Promise<{ forgotten: number }> {
  await untilNow()
  const found = await findMemories(kysely, ask)
  const sessions = [...Map.groupBy(found, ({ session }) => session)]
  const forgetNext = async (): Promise<void> => {
    for (let next = sessions.shift(); next !== undefined; next = sessions.shift()) {
      const [session, memories] = next
      const ids = memories.map(({ id }) => id)
      await forgetIn(kysely, log, { tenant: ask.tenant, session }, ids)
    }
  }
  await Promise.all(Array.from({ length: SESSIONS_AT_ONCE }, forgetNext))
  await untilNow()
  return { forgotten: found.length }
}

async function findMemories(kysely: Kysely<Schema>, ask: ForgetAsk): Promise<{ id: string; session: string }[]> {
  let query = kysely
    .selectFrom('memories')
    .select(['id', 'session'])
    .where('tenant', '=', ask.tenant)
    .where('forgotten', '=', false)
  const { user, agent } = ownerOf({ user: ask.user ?? null, agent: 'ids' in ask ? null : (ask.agent ?? null) })
  if (user === null && ask.user != null) return []
  if ('ids' in ask) query = query.where('id', 'in', ask.ids)
  if (agent !== null) query = query.where('agent', '=', agent)
  if (user !== null) query = query.where('user_id', '=', user)
  return query.execute()
}

async function forgetIn(kysely: Kysely<Schema>, log: Log, ref: SessionRef, ids: readonly string[]): Promise<void> {
  const { seq, erased } = await chainTail(kysely, ref)
  for (let at = 0; at < ids.length; at += IDS_PER_EVENT) {
    const some = ids.slice(at, at + IDS_PER_EVENT)
    const appended = erased ? null : await appendBehind(log, ref, seq, 'memory.deleted', { ids: some })
    // An erased session has no log any more that could bring them back, and takes no event.
    if (appended === null) {
      await forget(
        kysely,
        some.map((id) => ({ tenant: ref.tenant, id })),
      )
    }
  }
}
