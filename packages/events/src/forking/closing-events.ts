import { isOpenCall, type CallState } from '../state/call-state.ts'
import { isOpenMessage, type MessageState } from '../state/message-state.ts'
import { isOpenRun, type RunState } from '../state/run-state.ts'
import { isBeingCopied, runOf, type SessionState } from '../state/session-state.ts'
import { say } from '../texts/say.ts'
import { draft } from '../vocabulary/draft.ts'
import type { KnownEvent } from '../vocabulary/event.ts'

export interface Cut {
  /** Why messages, calls and runs end: `forked`, `imported`. */
  readonly reason: string
  /** Who ends them. */
  readonly by: string
  readonly at: Date
}

/**
 * What ends a history where it was cut off, so that nothing of it is open: an answer that is being written is partial, a
 * question is cancelled, a call has no result, runs are cancelled, also those that wait.
 *
 * Promises: pure. Folded behind `state` in this order, each event is one that `allows` lets a writer append there; after
 * the last, nothing is open (no run, message, call or question, no memory that is waited for, no copy that is not whole),
 * so that the next run can start. None where nothing is open. What was said stays as it is.
 */
export function closingEvents(state: SessionState, cut: Cut): KnownEvent[] {
  if (state.erased) return []
  const { at } = cut
  const active = runOf(state, state.activeRun)
  return [
    ...(state.question === null ? [] : [cancelQuestion(state.question, cut)]),
    ...state.messages.filter(isOpenMessage).map((message) => closeMessage(message, cut)),
    ...(active?.waiting == null ? [] : [addWaiting(active.id, active.waiting, at)]),
    ...state.calls.filter(isOpenCall).map((call) => closeCall(call, state, cut)),
    ...state.runs.filter(({ endedSeq }) => endedSeq === null).map((run) => cancelRun(run, cut)),
    ...state.runs.filter(isOpenRun).flatMap((run) => settleMemory(run, at)),
    ...(isBeingCopied(state) ? [endCopy(state.forkedFrom!, at)] : []),
  ]
}

function cancelQuestion({ run, id }: NonNullable<SessionState['question']>, { by, reason, at }: Cut): KnownEvent {
  return draft('confirmation.resolved', { run, confirmation: id, action: 'cancel', by, via: reason }, at)
}

function closeMessage({ run, id, role }: MessageState, { reason, at }: Cut): KnownEvent {
  const end = { message: id, status: 'partial' as const, reason }
  // Of a copy that is larger than an event, and of which not all has come.
  if (run === null) return draft('message.added', { ...end, role, parts: [] }, at)
  return draft('message.completed', { run, ...end }, at)
}

/** It was said before its run began. */
function addWaiting(run: string, { message, parts }: NonNullable<RunState['waiting']>, at: Date): KnownEvent {
  return draft('message.added', { run, message, role: 'user', parts: [...parts] }, at)
}

function closeCall(call: CallState, state: SessionState, { reason, at }: Cut): KnownEvent {
  const isBegun = call.status === 'started'
  const message = say(
    runOf(state, call.run)?.language,
    isBegun ? 'error.tool_cancelled_unknown' : 'error.tool_cancelled',
  )
  const outcome = isBegun && !call.repeatable ? ('unknown' as const) : ('failed' as const)
  return draft('tool.failed', { run: call.run, call: call.id, error: { code: reason, message }, outcome }, at)
}

function cancelRun({ id, usage }: RunState, { by, reason, at }: Cut): KnownEvent {
  return draft('run.cancelled', { run: id, by, reason, usage }, at)
}

function settleMemory({ id, language, status, memoryState }: RunState, at: Date): KnownEvent[] {
  if (status === 'queued' || memoryState.status !== 'pending') return []
  const error = { code: 'memory_failed', message: say(language, 'error.memory_failed') }
  return [draft('memory.failed', { run: id, error }, at)]
}

function endCopy({ session, cursor }: NonNullable<SessionState['forkedFrom']>, at: Date): KnownEvent {
  return draft('session.forked', { from_session: session, from_cursor: cursor }, at)
}
