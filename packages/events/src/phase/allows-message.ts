import { isOpenMessage } from '../state/message-state.ts'
import { messageOf, runOf, type SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import {
  active,
  newMessageId,
  notCancelled,
  nothingOpen,
  nothingWritten,
  openMessage,
  stillWanted,
  turnIsActive,
  type Refusal,
} from './rules.ts'

export function allowsAdded(state: SessionState, event: EventOf<'message.added'>): Refusal {
  const taken = newMessageId(state, event.message)
  if (taken !== null) return goesOn(state, event) ? null : taken
  if (event.run !== undefined) return active(state, event.run) ?? nothingWritten(state, event.run)
  return state.activeRun === null || isStillToSpeak(state) ? null : `run ${state.activeRun} is active`
}

/** Before a run's own message stands what was said elsewhere, where the session begins with it. */
function isStillToSpeak(state: SessionState): boolean {
  const run = runOf(state, state.activeRun)
  return run !== undefined && run.input !== null && messageOf(state, run.input) === undefined
}

/** A copy that is too large for one event. */
function goesOn(state: SessionState, event: EventOf<'message.added'>): boolean {
  const before = messageOf(state, event.message)
  if (before === undefined || !isOpenMessage(before)) return false
  return before.run === null && event.run === undefined && before.role === event.role
}

export function allowsRequested(state: SessionState, event: EventOf<'message.requested'>): Refusal {
  return newMessageId(state, event.message) ?? allowsPurpose(state, event)
}

function allowsPurpose(state: SessionState, event: EventOf<'message.requested'>): Refusal {
  const run = runOf(state, event.run)
  if (run === undefined) return `there is no run ${event.run}`
  if (run.kind === 'external') return `run ${event.run} is that of an external producer`
  switch (event.purpose) {
    case 'title':
      return null
    case 'memory':
      if (run.endedSeq === null) return `run ${event.run} has not ended yet`
      if (run.memoryState.status !== 'pending') return `the memory of run ${event.run} is settled`
      return run.memoryState.message === null || run.memoryState.message.status === 'partial'
        ? null
        : `message ${run.memoryState.message.id} extracts the memory of run ${event.run}`
    case 'summary':
      return active(state, event.run) ?? notCancelled(state, event.run) ?? nothingWritten(state, event.run)
    default:
      return active(state, event.run) ?? notCancelled(state, event.run) ?? nothingOpen(state, event.run)
  }
}

export function allowsStarted(state: SessionState, event: EventOf<'message.started'>): Refusal {
  if (runOf(state, event.run)?.kind === 'external') {
    return (
      newMessageId(state, event.message) ??
      active(state, event.run) ??
      notCancelled(state, event.run) ??
      nothingWritten(state, event.run) ??
      (event.purpose === 'answer' ? null : 'an external producer writes answers')
    )
  }
  const message = openMessage(state, event)
  if (typeof message === 'string') return message
  if (message.status !== 'requested') return `message ${message.id} has started`
  if (message.purpose !== event.purpose) return `message ${message.id} is a ${message.purpose}, not a ${event.purpose}`
  return turnIsActive(state, message) ?? stillWanted(state, message)
}

export function allowsCompleted(state: SessionState, event: EventOf<'message.completed'>): Refusal {
  const message = openMessage(state, event)
  if (typeof message === 'string') return message
  if (event.status === 'complete') {
    if (message.status === 'requested') return `message ${message.id} has not started`
    const cancelled = stillWanted(state, message)
    if (cancelled !== null) return `${cancelled}: its message can only be partial`
  }
  return turnIsActive(state, message)
}
