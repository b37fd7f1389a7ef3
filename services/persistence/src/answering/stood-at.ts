import { type Cursor, formatCursor, type MessageState } from '@spool/events'
import type { SessionRef } from '@spool/log'
import { chainTail, type LoadedSession, loadSession, loadSessionAt, placeOnChain, type WhatToLoad } from '@spool/store'
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
  const place = await placeOf(context, ref, at)
  return place === null ? null : loadSessionAt(context.kysely, ref, place, select)
}

/** Where the event lies that is asked for. `null`: there is no such session. */
async function placeOf(context: AnsweringContext, ref: SessionRef, at: Cursor): Promise<Cursor | null> {
  const { kysely, untilStored } = context
  let place = await placeOnChain(kysely, ref, at)
  if (place === null) {
    await untilStored(ref, at.seq)
    place = await placeOnChain(kysely, ref, at)
  }
  if (place !== null && (place.epoch === at.epoch || (await hasBeenIn(context, ref, at.epoch)))) return place
  const tail = await chainTail(kysely, ref)
  if (tail.erased) throw new QueryRefusal('erased', `The session ${ref.session} was erased.`)
  if (tail.seq === 0) return null
  throw new QueryRefusal(
    'cursor_not_found',
    `No event of this session is at ${formatCursor(at)}. Take the cursor of one of its events, or of a snapshot.`,
  )
}

/** A later epoch than the event's own: only one that the log has come to. */
async function hasBeenIn({ log }: AnsweringContext, ref: SessionRef, epoch: number): Promise<boolean> {
  // Somebody may have begun one that this process has not heard of.
  if (epoch > log.epochOf(ref)) await log.horizon.verify()
  return epoch <= log.epochOf(ref)
}
