import { type Cursor, formatCursor, type MessageState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { chainTail, isOnChain, type LoadedSession, loadSession, loadSessionAt, type WhatToLoad } from '@spool/store'
import type { AnsweringContext } from './answers.ts'
import { QueryRefusal } from './refusals.ts'

export interface Asked extends SessionRef {
  readonly at?: Cursor | null | undefined
}

/** A session as it stands, or stood at the position that is asked for. `null`: there is no such session. */
export function sessionAsked(
  context: AnsweringContext,
  { at, ...ref }: Asked,
  what: WhatToLoad,
): Promise<LoadedSession | null> {
  return at == null ? loadSession(context.kysely, ref, what) : sessionStoodAt(context, ref, at, () => [])
}

/** With those messages that `select` picks. */
export async function sessionStoodAt(
  context: AnsweringContext,
  { tenant, session }: SessionRef,
  at: Cursor,
  select: (messages: readonly MessageState[]) => readonly MessageState[],
): Promise<LoadedSession | null> {
  const ref = { tenant, session }
  return (await isOneOfIts(context, ref, at)) ? loadSessionAt(context.kysely, ref, at, select) : null
}

/** `false`: there is no such session. */
async function isOneOfIts(context: AnsweringContext, ref: SessionRef, at: Cursor): Promise<boolean> {
  const { kysely, untilStored } = context
  if (await isOnChain(kysely, ref, at.epoch, at.seq)) return true
  await untilStored(ref, at.seq)
  if (await isOnChain(kysely, ref, at.epoch, at.seq)) return true
  const tail = await chainTail(kysely, ref)
  if (tail.erased) throw new QueryRefusal('erased', `The session ${ref.session} was erased.`)
  if (tail.seq === 0) return false
  throw new QueryRefusal(
    'cursor_not_found',
    `No event of this session is at ${formatCursor(at)}. Take the cursor of one of its events, or of a snapshot.`,
  )
}
