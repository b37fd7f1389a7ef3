import { type SessionState, draft, runOf, say } from '@spool/events'
import type { CancelRequest } from '@spool/log'
import { alreadyEnded } from './already-ended.ts'
import { type Circumstances, type Decision, append, refuse } from './decision.ts'
import { nextOfSession } from './next-of-session.ts'

export function cancelRun(state: SessionState, request: CancelRequest, circumstances: Circumstances): Decision {
  const run = runOf(state, request.run)
  if (run === undefined) return refuse(404, 'unknown_run', say(state.language, 'refusal.unknown_run'))
  const refusal = alreadyEnded(run)
  if (refusal !== null) return { kind: 'refuse', refusal }
  if (run.endedSeq !== null || run.cancelRequested !== null) return nextOfSession(state, circumstances)
  const cancel = { run: run.id, by: request.by, reason: request.reason }
  return append(draft('run.cancel_requested', cancel, circumstances.now))
}
