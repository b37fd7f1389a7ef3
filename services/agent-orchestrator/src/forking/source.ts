import { type Cursor, type SessionState, emptySession, formatCursor, parseCursor } from '@spool/events'
import { type Log, type SessionRef, CursorLost, SessionErased, foldStored } from '@spool/log'
import type { Refusal } from '../deciding/decision.ts'

export interface Source {
  readonly cursor: string
  readonly state: SessionState
}

/**
 * The session as it stood at a cursor, or as it stands: folded event by event, from wherever they lie.
 *
 * @throws SessionErased
 */
export async function sourceAt(
  log: Log,
  ref: SessionRef,
  cursor: string | undefined,
  patience: AbortSignal,
): Promise<Source | Refusal> {
  const { seq: last, erased } = await log.end(ref, patience)
  if (erased) throw new SessionErased(ref.session)
  if (last === 0) return unknownSession(ref.session)
  const at: Cursor | null = cursor === undefined ? { epoch: log.epochOf(ref, last), seq: last } : parseCursor(cursor)
  if (at === null || at.seq === 0 || at.seq > last) return unknownCursor(ref.session, cursor)
  try {
    await log.check(ref, at, patience)
  } catch (error) {
    if (error instanceof CursorLost) return unknownCursor(ref.session, cursor)
    throw error
  }
  let state = emptySession()
  for await (const stored of log.read(ref, 0, at.seq)) state = foldStored(state, stored)
  return { cursor: formatCursor(at), state }
}

function unknownSession(session: string): Refusal {
  return { status: 404, code: 'session_not_found', message: `There is no session ${session}.` }
}

function unknownCursor(session: string, cursor: string | undefined): Refusal {
  return {
    status: 404,
    code: 'cursor_not_found',
    message: `Session ${session} has no event at ${cursor}. Take the cursor from one of its events or snapshots.`,
  }
}
