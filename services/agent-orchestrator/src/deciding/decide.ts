import { type SessionState, say } from '@spool/events'
import { decideMemory } from '../remembering/decide-memory.ts'
import { answerQuestion } from './answer-question.ts'
import { cancelRun } from './cancel-run.ts'
import type { Circumstances, Decision, Refusal, Trigger } from './decision.ts'
import { giveUp } from './give-up.ts'
import { nextOfSession } from './next-of-session.ts'
import { startRun } from './start-run.ts'

export const ERASED: Refusal = {
  status: 410,
  code: 'session_erased',
  message: say(null, 'refusal.session_erased'),
}

/**
 * What to append next to a session: one event or none. Called again after each append, until there is nothing more;
 * every state in between is one from which another orchestrator can go on.
 */
export function decide(state: SessionState, trigger: Trigger, circumstances: Circumstances): Decision {
  if (state.erased) return { kind: 'refuse', refusal: ERASED }
  switch (trigger.kind) {
    case 'start':
      return startRun(state, trigger, circumstances)
    case 'cancel':
      return cancelRun(state, trigger.request, circumstances)
    case 'confirm':
      return answerQuestion(state, trigger.request, circumstances)
    case 'work':
      return nextOfSession(state, circumstances)
    case 'remember':
      return decideMemory(state, trigger, circumstances)
    case 'give-up':
      return giveUp(state, trigger, circumstances)
  }
}
