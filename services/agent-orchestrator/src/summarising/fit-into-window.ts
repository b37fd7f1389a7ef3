import type { Beside, RunState, SessionState } from '@spool/events'
import type { Decision } from '../deciding/decision.ts'

export function fitIntoWindow(
  _state: SessionState,
  _run: RunState,
  _beside: Beside,
  _windowTokens: number | null,
  _circumstances: { readonly now: Date; readonly newId: () => string },
): Decision | null {
  return null
}
