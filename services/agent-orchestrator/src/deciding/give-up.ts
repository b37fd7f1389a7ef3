import { type SessionState, draft, isOpenMessage, runOf } from '@spool/events'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'

/** A step that failed every time it was tried must not keep its run open for good. */
export function giveUp(state: SessionState, { now }: Circumstances): Decision {
  const run = runOf(state, state.activeRun)
  if (run === undefined) return NOTHING
  const open = state.messages.findLast((message) => message.run === run.id && isOpenMessage(message))
  if (open !== undefined) {
    const close = { run: run.id, message: open.id, status: 'partial' as const, reason: 'server_crashed' as const }
    return append(draft('message.completed', close, now))
  }
  const error = {
    code: 'step_failed',
    message: 'The run could not go on after several attempts. What it had done is kept; send the message again.',
    retryable: true,
  }
  return append(draft('run.failed', { run: run.id, error, usage: run.usage }, now))
}
