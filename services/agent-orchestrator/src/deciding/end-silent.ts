import { type SessionState, draft, failureOfExternal, isOpenMessage, runOf, timingOfExternal } from '@spool/events'
import { type Circumstances, type Decision, append } from './decision.ts'
import { nextOfSession } from './next-of-session.ts'

const REASON = 'producer_silent'

/**
 * Ends what a producer has left open. Only where nothing has come since it was found silent: a producer that speaks
 * after all goes on, and is found again if it falls silent again.
 */
export function endSilent(state: SessionState, after: number, circumstances: Circumstances): Decision {
  const run = runOf(state, state.activeRun)
  const isOpen = run?.kind === 'external' && run.cancelRequested === null
  if (!isOpen || state.seq !== after) return nextOfSession(state, circumstances)
  const { now } = circumstances
  const message = state.messages.findLast((one) => one.run === run.id)
  // Begun by a gateway that died before it could begin the message.
  if (message === undefined) return append(failureOfExternal(run, REASON, now))
  if (!isOpenMessage(message)) return nextOfSession(state, circumstances)
  const close = { run: run.id, message: message.id, status: 'partial' as const, reason: REASON }
  return append(draft('message.completed', { ...close, timing: timingOfExternal(message, now) }, now))
}
