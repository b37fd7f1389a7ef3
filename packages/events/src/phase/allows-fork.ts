import { isOpenMessage } from '../state/message-state.ts'
import { isBeingCopied, type SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import type { Refusal } from './rules.ts'

export function allowsForked(state: SessionState, event: EventOf<'session.forked'>): Refusal {
  if (!isBeingCopied(state)) {
    const isNew = state.seq === 0 || (state.runs.length === 0 && state.messages.length === 0)
    return isNew ? null : 'only a new session can be a fork'
  }
  const { session, cursor } = state.forkedFrom!
  if (event.from_session !== session || event.from_cursor !== cursor) return `it is a fork of ${session} at ${cursor}`
  if (event.copying === true) return 'it is being copied already'
  const open = state.messages.find(isOpenMessage)
  return open === undefined ? null : `message ${open.id} is open`
}

/** What only a copy holds. */
export function copying(state: SessionState): Refusal {
  return isBeingCopied(state) ? null : 'the session is not being copied'
}

/** Nobody speaks in a session whose history is not there yet. */
export function notCopying(state: SessionState): Refusal {
  return isBeingCopied(state) ? 'the session is still being copied' : null
}
