import { type SessionState, draft, runOf } from '@spool/events'
import type { CancelRequest } from '@spool/log'
import { type Circumstances, type Decision, append, refuse } from './decision.ts'
import { nextOfSession } from './next-of-session.ts'

export function cancelRun(state: SessionState, request: CancelRequest, circumstances: Circumstances): Decision {
  const run = runOf(state, request.run)
  if (run === undefined) return refuse(404, 'unknown_run', 'There is no such run in this session.')
  if (run.endedSeq !== null && run.status !== 'cancelled') {
    return refuse(409, 'run_ended', `The run had already ended (${run.status}). There is nothing to cancel.`)
  }
  if (run.endedSeq !== null || run.cancelRequested !== null) return nextOfSession(state, circumstances)
  const cancel = { run: run.id, by: request.by, reason: request.reason }
  return append(draft('run.cancel_requested', cancel, circumstances.now))
}
