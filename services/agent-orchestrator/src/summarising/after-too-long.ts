import type { MessageState, RunState, SessionState } from '@spool/events'
import type { Decision } from '../deciding/decision.ts'

export function afterTooLong(
  _state: SessionState,
  _run: RunState,
  _message: MessageState,
  _circumstances: { readonly now: Date; readonly newId: () => string },
): Decision | 'ask-again' | null {
  return null
}
