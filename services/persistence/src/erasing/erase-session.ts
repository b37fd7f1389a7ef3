import { eraseContent, type SessionRef } from '@spool/log'
import type { AnsweringContext } from '../answering/answers.ts'
import { appendBehind } from '../appending/append-behind.ts'
import { chainTail, eraseMemories } from '@spool/store'

export interface EraseAsk extends SessionRef {
  readonly by: string
  /** Whether what was remembered of it goes, too. */
  readonly memories: boolean
}

/**
 * Erases a session and resolves when nothing of it is left but its tombstone, with the tombstone's place; `null` where
 * there has never been such a session. Again: the same. The event is what counts: once it is in the log, the projector
 * does all the rest when it stores it, whether or not this process is still there.
 */
export async function eraseSession(
  { kysely, log, untilNow }: AnsweringContext,
  ask: EraseAsk,
): Promise<{ epoch: number; seq: number } | null> {
  const ref = { tenant: ask.tenant, session: ask.session }
  await untilNow()
  const tail = await chainTail(kysely, ref)
  if (tail.seq === 0) return null
  if (!tail.erased) {
    const { by, memories } = ask
    const erasedAt = await appendBehind(log, ref, tail.seq, 'session.erased', { by, ...(memories && { memories }) })
    // First: what leaves the log before it is stored would look as if the log had lost it.
    await untilNow()
    if (erasedAt !== null) await eraseContent(log, ref, erasedAt)
  }
  // It was erased before, by somebody who wanted to keep them.
  if (ask.memories) await eraseMemories(kysely, ref)
  return kysely
    .selectFrom('tombstones')
    .select(['epoch', 'seq'])
    .where('tenant', '=', ref.tenant)
    .where('session', '=', ref.session)
    .executeTakeFirstOrThrow()
}
