import type { Beside } from '@spool/events'
import type { Queries, SessionRef } from '@spool/log'

/** The first call of the model waits for it. */
const PATIENCE_MS = 700
const MAX_RECALLED = 20
/** So much of a text, in UTF-16 units, says what it is about. */
const MAX_TEXT = 4000

export interface About {
  readonly user: string | null
  readonly agent: string | null
  readonly text: string
}

export type Memories = NonNullable<Beside['memories']>

/**
 * What is known of a user that has to do with a text, the most relevant first. Of nobody in particular only what came
 * from the same session. A run does without while persistence is away.
 */
export async function recallFor(queries: Queries, ref: SessionRef, about: About): Promise<Memories> {
  return recall(queries, ref, about, { limit: MAX_RECALLED, patienceMs: PATIENCE_MS }).catch(() => [])
}

/** Rejects where nobody says in time. */
export function recall(
  queries: Queries,
  { tenant, session }: SessionRef,
  { user, agent, text }: About,
  { limit, patienceMs }: { limit: number; patienceMs: number },
): Promise<Memories> {
  const about = { tenant, session, user, agent, text: text.slice(0, MAX_TEXT).toWellFormed() }
  return queries.ask<Memories>('recall', { ...about, limit }, patienceMs)
}
