import { isOpenMessage, pending, type SessionState } from '@spool/events'

/**
 * Nothing more happens in it by itself. Of a run that has ended this is not yet so: what a model was asked for beside
 * it (a title, a summary, a memory) is written to its end, and then taken up.
 */
export function isSettled(state: SessionState): boolean {
  return pending(state).length === 0 && !state.messages.some(isOpenMessage)
}
