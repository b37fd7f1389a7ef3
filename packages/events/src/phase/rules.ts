import { messageOf, runOf, type SessionState } from '../state/session-state.ts'
import { isOpenMessage, type MessageState } from '../state/message-state.ts'
import { hasOpenCall, isTurn, openTurn } from './phase-of.ts'

// A rule is null where it holds, else the reason. Rules are chained with `??`: the first reason tells.

export type Refusal = string | null

export function active(state: SessionState, run: string): Refusal {
  return state.activeRun === run ? null : `run ${run} is not active`
}

export function notCancelled(state: SessionState, run: string | null): Refusal {
  return runOf(state, run)?.cancelRequested == null ? null : `run ${run} is being cancelled`
}

export function nothingWritten(state: SessionState, id: string): Refusal {
  const run = runOf(state, id)
  const message = run && openTurn(state, run)
  return message === undefined ? null : `message ${message.id} is open`
}

export function nothingAsked(state: SessionState, run: string): Refusal {
  return state.question?.run === run ? `question ${state.question.id} waits for an answer` : null
}

export function nothingCalled(state: SessionState, id: string): Refusal {
  const run = runOf(state, id)
  return run !== undefined && hasOpenCall(state, run) ? `a tool call of run ${id} is open` : null
}

export function nothingOpen(state: SessionState, run: string): Refusal {
  return nothingWritten(state, run) ?? nothingAsked(state, run) ?? nothingCalled(state, run)
}

/** What continues a run between two messages (a plan, a question, a tool call) can come. */
export function betweenMessages(state: SessionState, run: string): Refusal {
  return (
    active(state, run) ??
    modelAsked(state, run) ??
    notCancelled(state, run) ??
    nothingWritten(state, run) ??
    nothingAsked(state, run)
  )
}

/** A run begins with a model's message: from `idle` there is no way but to `awaiting_llm`. */
function modelAsked(state: SessionState, run: string): Refusal {
  return (runOf(state, run)?.steps ?? 0) > 0 ? null : `run ${run} has asked no model yet`
}

export function newMessageId(state: SessionState, message: string): Refusal {
  return messageOf(state, message) === undefined ? null : `message ${message} is there already`
}

/** Finds the open message that an event goes on with, or says why there is none. */
export function openMessage(state: SessionState, event: { message: string; run: string }): MessageState | string {
  const message = messageOf(state, event.message)
  if (message === undefined) return `there is no message ${event.message}`
  if (!isOpenMessage(message)) return `message ${message.id} is closed`
  return message.run === event.run ? message : `message ${message.id} is not of run ${event.run}`
}

/** An answer or plan needs its run active; what runs beside the runs (a title, a memory) does not. */
export function turnIsActive(state: SessionState, message: MessageState): Refusal {
  return isTurn(message) && message.run !== null ? active(state, message.run) : null
}

/** After a cancel request nothing more is written into an answer or plan but its end; nor into a settled memory. */
export function stillWanted(state: SessionState, message: MessageState): Refusal {
  return isTurn(message) ? notCancelled(state, message.run) : memoryNotSettled(state, message)
}

function memoryNotSettled(state: SessionState, { purpose, run }: MessageState): Refusal {
  const isSettled = purpose === 'memory' && runOf(state, run)?.memoryState.status !== 'pending'
  return isSettled ? `the memory of run ${run} is settled` : null
}
