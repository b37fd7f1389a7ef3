import { isOpenCall, type CallState } from '../state/call-state.ts'
import { callOf, type SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { active, betweenMessages, notCancelled, type Refusal } from './rules.ts'

export function allowsCall(state: SessionState, event: EventOf<'tool.called'>): Refusal {
  return callOf(state, event.call) === undefined
    ? betweenMessages(state, event.run)
    : `call ${event.call} is there already`
}

export function allowsToolStart(state: SessionState, event: EventOf<'tool.started'>): Refusal {
  const call = openCall(state, event)
  if (typeof call === 'string') return call
  if (event.attempt !== call.attempt + 1) return `attempt ${event.attempt} does not follow attempt ${call.attempt}`
  if (call.attempt > 0 && !call.repeatable) return `call ${call.id} must not run twice`
  return notCancelled(state, event.run)
}

export function allowsToolProgress(state: SessionState, event: EventOf<'tool.progress'>): Refusal {
  return running(openCall(state, event))
}

type End = EventOf<'tool.completed'> | EventOf<'tool.failed'>

/** What a tool did is told also after a cancel request; one that was denied fails without having started. */
export function allowsToolEnd(state: SessionState, event: End): Refusal {
  const call = openCall(state, event)
  if (event.type === 'tool.completed') return running(call)
  return typeof call === 'string' ? call : null
}

function running(call: CallState | string): Refusal {
  if (typeof call === 'string') return call
  return call.status === 'started' ? null : `call ${call.id} has not started`
}

function openCall(state: SessionState, event: { call: string; run: string }): CallState | string {
  const call = callOf(state, event.call)
  if (call === undefined) return `there is no call ${event.call}`
  if (!isOpenCall(call)) return `call ${call.id} has ended`
  if (call.run !== event.run) return `call ${call.id} is not of run ${event.run}`
  return active(state, event.run) ?? call
}
