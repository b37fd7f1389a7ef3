import {
  type CallState,
  type RunState,
  type SessionState,
  cutHistory,
  draft,
  isOpenCall,
  isOpenMessage,
  say,
} from '@spool/events'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'

/** How long the one who streams, or works, may take to close what it does for a run that was cancelled. */
export const CLOSING_GRACE_MS = 500

/** A run that began and whose message is not in the log: only its request, which comes again, knows what it says. */
const REQUEST_COMES_AGAIN_MS = 10_000

/** Whoever is at work closes what it does; where nobody does in time, or nobody has begun, it is closed from here. */
export function closeCancelled(state: SessionState, run: RunState, circumstances: Circumstances): Decision {
  const { now } = circumstances
  const { by, reason, at } = run.cancelRequested!
  // A request from the future is that of a clock that is ahead: nobody waits until the others have come so far.
  const waitedMs = Math.abs(now.getTime() - Date.parse(at))
  if (run.kind === 'agent' && run.input !== null && !state.messages.some(({ id }) => id === run.input)) {
    if (run.waiting !== null) {
      const { message, parts } = run.waiting
      return append(draft('message.added', { run: run.id, message, role: 'user', parts: [...parts] }, now))
    }
    if (waitedMs < REQUEST_COMES_AGAIN_MS) return NOTHING
  }
  const cut = cutHistory(state)
  if (cut !== null) return append(draft('message.added', cut, now))
  if (state.question?.run === run.id) {
    const about = { run: run.id, confirmation: state.question.id }
    return append(draft('confirmation.resolved', { ...about, action: 'cancel', by, via: 'run.cancel' }, now))
  }
  const mayStillClose = waitedMs < CLOSING_GRACE_MS
  const open = state.messages.findLast((message) => message.run === run.id && isTurn(message) && isOpenMessage(message))
  if (open !== undefined) {
    if (open.status === 'streaming' && mayStillClose) return NOTHING
    const why = reason === 'client_disconnected' ? 'client_disconnected' : 'cancelled'
    return append(draft('message.completed', { run: run.id, message: open.id, status: 'partial', reason: why }, now))
  }
  const calls = state.calls.filter((call) => call.run === run.id && isOpenCall(call))
  const call = calls.find(({ status }) => status === 'called') ?? (mayStillClose ? undefined : calls[0])
  if (call !== undefined) return append(draft('tool.failed', { run: run.id, ...abandoned(call, run.language) }, now))
  return calls.length > 0 ? NOTHING : endCancelled(run, circumstances)
}

export function endCancelled(run: RunState, { now }: Circumstances): Decision {
  const { by, reason } = run.cancelRequested ?? { by: 'user', reason: 'user' }
  return append(draft('run.cancelled', { run: run.id, by, reason, usage: run.usage }, now))
}

/** What was begun may have taken effect; where it must not be done twice, nobody can tell. */
export function abandoned(call: CallState, language: string | null | undefined) {
  const isBegun = call.status === 'started'
  const message = say(language, isBegun ? 'error.tool_cancelled_unknown' : 'error.tool_cancelled')
  const outcome = isBegun && !call.repeatable ? ('unknown' as const) : ('failed' as const)
  return { call: call.id, error: { code: 'cancelled', message }, outcome }
}

function isTurn({ purpose, run }: SessionState['messages'][number]): boolean {
  return run !== null && (purpose === 'answer' || purpose === 'plan')
}
