import { isOpenCall } from '../state/call-state.ts'
import { isOpenMessage, type MessageState } from '../state/message-state.ts'
import type { RunState } from '../state/run-state.ts'
import { runOf, type Phase, type SessionState } from '../state/session-state.ts'

// idle -> awaiting_llm -> streaming_llm -> processing -> (awaiting_confirmation | acting | awaiting_llm) … -> idle
// idle -> external -> idle
//
// The phase follows only answers and plans of the active run; it is always what these pieces say, never more.

export function phaseOf(state: SessionState): Phase {
  const run = runOf(state, state.activeRun)
  if (run === undefined) return 'idle'
  if (run.kind === 'external') return 'external'
  if (state.question !== null && state.question.run === run.id) return 'awaiting_confirmation'
  const message = openTurn(state, run)
  if (message !== undefined) return message.status === 'requested' ? 'awaiting_llm' : 'streaming_llm'
  if (hasOpenCall(state, run)) return 'acting'
  // `awaiting_llm` begins with `message.requested`: a run that has only started is still idle.
  return run.steps === 0 ? 'idle' : 'processing'
}

/** The answer or plan that a model is asked for, or writes, in this run. */
export function openTurn(state: SessionState, run: RunState): MessageState | undefined {
  return state.messages.findLast((message) => isOpenMessage(message) && message.run === run.id && isTurn(message))
}

export function hasOpenCall(state: SessionState, run: RunState): boolean {
  return state.calls.some((call) => call.run === run.id && isOpenCall(call))
}

export function isTurn(message: MessageState): boolean {
  return message.purpose === 'answer' || message.purpose === 'plan'
}
