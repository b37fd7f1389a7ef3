import type { SessionState } from '@spool/events'
import { cancelRun } from './cancel-run.ts'
import { type Circumstances, type Decision, type Trigger, refuse } from './decision.ts'
import { giveUp } from './give-up.ts'
import { nextOfSession } from './next-of-session.ts'
import { startRun } from './start-run.ts'

/**
 * What to append next to a session: one event or none. Called again after each append, until there is nothing more;
 * every state in between is one from which another orchestrator can go on.
 */
export function decide(state: SessionState, trigger: Trigger, circumstances: Circumstances): Decision {
  if (state.erased) return refuse(410, 'session_erased', 'This session was erased. Start another one with a new id.')
  switch (trigger.kind) {
    case 'start':
      return startRun(state, trigger.request, circumstances)
    case 'cancel':
      return cancelRun(state, trigger.request, circumstances)
    case 'work':
      return nextOfSession(state, circumstances)
    case 'give-up':
      return giveUp(state, circumstances)
  }
}
