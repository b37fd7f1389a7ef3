import { type SessionState, isBeingImported, say } from '@spool/events'
import { decideMemory } from '../remembering/decide-memory.ts'
import { answerQuestion } from './answer-question.ts'
import { cancelRun } from './cancel-run.ts'
import { type Circumstances, type Decision, NOTHING, refuse, type Refusal, type Trigger } from './decision.ts'
import { giveUp } from './give-up.ts'
import { endSilent } from './end-silent.ts'
import { nextOfSession } from './next-of-session.ts'
import { BEING_COPIED, startRun } from './start-run.ts'

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
  // What seems to be open in it may be closed by what is still to come.
  if (isBeingImported(state)) return whileImporting(state, trigger)
  switch (trigger.kind) {
    case 'start':
      return startRun(state, trigger, circumstances)
    case 'cancel':
      return cancelRun(state, trigger.request, circumstances)
    case 'confirm':
      return answerQuestion(state, trigger.request, circumstances)
    case 'work':
      return nextOfSession(state, circumstances)
    case 'silent':
      return endSilent(state, trigger.after, circumstances)
    case 'remember':
      return decideMemory(state, trigger, circumstances)
    case 'give-up':
      return giveUp(state, trigger, circumstances)
  }
}

/** Requests wait until the history is there, or are refused as by a session that is busy. */
function whileImporting(state: SessionState, trigger: Trigger): Decision {
  if (trigger.kind === 'work' || trigger.kind === 'silent' || trigger.kind === 'remember') return NOTHING
  const isImpatient = trigger.kind === 'start' && trigger.request.when_busy === 'reject'
  if (!isImpatient) return { kind: 'refuse', refusal: BEING_COPIED }
  return refuse(409, 'session_busy', say(state.language, 'refusal.session_busy'))
}
