import { type MessageState, type RunState, type SessionState, draft, isOpenCall, isOpenMessage } from '@spool/events'
import { afterTooLong } from '../summarising/after-too-long.ts'
import { askModel } from './ask-model.ts'
import { carryOutCalls } from './carry-out-calls.ts'
import { carryOutPlan } from './carry-out-plan.ts'
import { closeCancelled } from './close-cancelled.ts'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'
import { completeRun, failRun } from './end-run.ts'
import { limitReached } from './limit-reached.ts'
import { proposalOf } from './propose-plan.ts'

/**
 * What an active run calls for: think, act, ask, think again, until an answer or a limit. Everything is read off the
 * state, so whoever comes after a crash goes on from the last event.
 */
export function nextOfRun(state: SessionState, run: RunState, circumstances: Circumstances): Decision {
  if (run.cancelRequested !== null) return closeCancelled(state, run, circumstances)
  if (state.question?.run === run.id) return timeOut(state, circumstances)
  const refused = refusedQuestion(state, run, circumstances)
  if (refused !== null) return refused
  const turn = lastTurn(state, run)
  if (turn !== undefined && isFinished(turn)) return completeRun(run, circumstances)
  if (isOverTime(run, circumstances.now)) return cancelOverTime(run, circumstances)
  if (state.messages.some((message) => message.run === run.id && holdsUp(message))) return NOTHING
  if (turn === undefined) return begin(state, run, circumstances)
  if (turn.status === 'partial') return afterFailure(state, run, turn, circumstances)
  return afterTurn(state, run, turn, circumstances)
}

/** An answer after which there is nothing to do. */
function isFinished({ purpose, status, toolCalls }: MessageState): boolean {
  return purpose === 'answer' && status === 'complete' && toolCalls.length === 0
}

/** The message comes before anything is asked of a model. */
function begin(state: SessionState, run: RunState, circumstances: Circumstances): Decision {
  if (run.waiting !== null) {
    const { message, parts } = run.waiting
    return append(draft('message.added', { run: run.id, message, role: 'user', parts: [...parts] }, circumstances.now))
  }
  const hasInput = state.messages.some((message) => message.id === run.input)
  return hasInput ? askModel(state, run, circumstances) : NOTHING
}

function afterTurn(state: SessionState, run: RunState, turn: MessageState, circumstances: Circumstances): Decision {
  const next = carryOut(state, run, turn, circumstances)
  if (next !== null) return next
  const isAtWork = state.calls.some((call) => call.run === run.id && isOpenCall(call))
  return isAtWork ? NOTHING : askModel(state, run, circumstances)
}

/** null: there is nothing to begin. */
function carryOut(
  state: SessionState,
  run: RunState,
  turn: MessageState,
  circumstances: Circumstances,
): Decision | null {
  // Nobody would be told of what came of it.
  const limit = turn.toolCalls.length > 0 && !hasBegun(state, run, turn) ? limitReached(run) : null
  if (limit !== null) return completeRun(run, circumstances, limit)
  if (run.confirmation?.mode !== 'plan') return carryOutCalls(state, run, turn, circumstances)
  // A model that has to ask first and calls a tool all the same is told that nothing was done.
  const proposal = proposalOf(turn, run, circumstances)
  return proposal === null ? null : carryOutPlan(state, run, turn, proposal, circumstances)
}

/** Something that the message calls for was asked for, or a person was asked about it. */
function hasBegun(state: SessionState, run: RunState, { lastSeq }: MessageState): boolean {
  const isLater = (one: { readonly run: string; readonly firstSeq: number }) =>
    one.run === run.id && one.firstSeq > lastSeq
  return state.calls.some(isLater) || state.questions.some(isLater) || (run.plan?.seq ?? 0) > lastSeq
}

function afterFailure(state: SessionState, run: RunState, turn: MessageState, circumstances: Circumstances): Decision {
  const wasTooLong = turn.failures.at(-1)?.error.code === 'provider_context_too_long'
  const shorter = wasTooLong ? afterTooLong(state, run, turn, circumstances) : null
  if (shorter === 'ask-again') return askModel(state, run, circumstances)
  return shorter ?? failRun(run, turn, circumstances)
}

/** An answer or a plan; what a model writes for other ends is none. */
function lastTurn(state: SessionState, run: RunState): MessageState | undefined {
  return state.messages.findLast(
    (message) => message.run === run.id && (message.purpose === 'answer' || message.purpose === 'plan'),
  )
}

/** A summary is waited for, too: the next answer builds on it. */
function holdsUp(message: MessageState): boolean {
  return isOpenMessage(message) && message.purpose !== 'title' && message.purpose !== 'memory'
}

function timeOut({ question }: SessionState, { now }: Circumstances): Decision {
  if (question === null || Date.parse(question.deadline) > now.getTime()) return NOTHING
  const about = { run: question.run, confirmation: question.id }
  return append(draft('confirmation.resolved', { ...about, action: 'timeout', by: 'spool', via: 'deadline' }, now))
}

/** A question that was answered with a no, or not at all, ends its run. */
function refusedQuestion(state: SessionState, run: RunState, { now }: Circumstances): Decision | null {
  const last = state.questions.findLast((question) => question.run === run.id)
  const action = last?.resolution?.action
  if (action !== 'cancel' && action !== 'timeout') return null
  const reason = action === 'cancel' ? 'confirmation_cancelled' : 'confirmation_timeout'
  return append(draft('run.cancel_requested', { run: run.id, by: last!.resolution!.by, reason }, now))
}

function isOverTime(run: RunState, now: Date): boolean {
  const limitSeconds = run.limits?.wall_clock_seconds
  if (limitSeconds === undefined || run.startedAt === null) return false
  return now.getTime() - Date.parse(run.startedAt) - run.waitedMs > limitSeconds * 1000
}

function cancelOverTime(run: RunState, { now }: Circumstances): Decision {
  return append(draft('run.cancel_requested', { run: run.id, by: 'spool', reason: 'time_limit' }, now))
}
