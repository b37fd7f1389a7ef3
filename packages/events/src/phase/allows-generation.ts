import { runOf, type SessionState } from '../state/session-state.ts'
import type { MessageState } from '../state/message-state.ts'
import { codePoints } from '../unicode.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { isTurn } from './phase-of.ts'
import { openMessage, stillWanted, turnIsActive, type Refusal } from './rules.ts'

export function allowsGeneration(state: SessionState, event: EventOf<'generation.started'>): Refusal {
  const message = writable(state, event)
  if (typeof message === 'string') return message
  if (runOf(state, event.run)?.kind === 'external') return `run ${event.run} is that of an external producer`
  if (event.attempt !== message.attempt + 1)
    return `attempt ${event.attempt} does not follow attempt ${message.attempt}`
  if (event.kept === 0) return null
  const whole = codePoints(message.text)
  return event.kept === whole ? null : `kept is 0 or all of ${whole} code points, not ${event.kept}`
}

export function allowsFailedGeneration(state: SessionState, event: EventOf<'generation.failed'>): Refusal {
  const message = writable(state, event)
  if (typeof message === 'string') return message
  if (event.attempt !== message.attempt)
    return `attempt ${event.attempt} is not attempt ${message.attempt}, which writes`
  return notFailed(message)
}

type Delta = EventOf<'text.delta'> | EventOf<'reasoning.delta'> | EventOf<'tool.input.delta'>

export function allowsDelta(state: SessionState, event: Delta): Refusal {
  const message = writable(state, event)
  if (typeof message === 'string') return message
  if (message.attempt === 0 && runOf(state, event.run)?.kind !== 'external')
    return `no attempt writes message ${message.id}`
  return notFailed(message) ?? isTold(message, event) ?? inSequence(message, event)
}

/** Beside the runs only what is whole is told. */
function isTold(message: MessageState, { type }: Delta): Refusal {
  return isTurn(message) || type === 'text.delta' ? null : `of a ${message.purpose} only its text is told`
}

function writable(state: SessionState, event: { message: string; run: string }): MessageState | string {
  const message = openMessage(state, event)
  if (typeof message === 'string') return message
  if (message.status === 'requested') return `message ${message.id} has not started`
  return turnIsActive(state, message) ?? stillWanted(state, message) ?? message
}

function notFailed(message: MessageState): Refusal {
  const failed = message.attempt > 0 && message.failures.at(-1)?.attempt === message.attempt
  return failed ? `attempt ${message.attempt} has failed` : null
}

function inSequence(message: MessageState, event: Delta): Refusal {
  if (event.type === 'tool.input.delta') return null
  const last = event.type === 'text.delta' ? message.sequences.text : message.sequences.reasoning
  return event.sequence === last + 1 ? null : `sequence ${event.sequence} does not follow ${last}`
}
