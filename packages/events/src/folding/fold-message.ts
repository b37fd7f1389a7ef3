import { hasProgressed, isOpenMessage, type MessageState } from '../state/message-state.ts'
import type { EventOf, SpoolEvent } from '../vocabulary/event.ts'
import type { Placed } from '../placed.ts'
import { addUsage } from '../vocabulary/usage.ts'
import { addedContent } from './added-content.ts'
import { appendReasoning, appendText, appendToolInput } from './append-delta.ts'
import { completeMessage } from './complete-message.ts'
import { newMessage } from './new-message.ts'
import { keepText } from './keep-text.ts'

/**
 * One message's share of the fold; null is a message that is not there (yet). An event that does not concern a
 * message, or comes after its end, leaves it as it is: a finished message never changes again.
 */
export function foldMessage(message: MessageState | null, placed: Placed): MessageState | null {
  const { seq, event } = placed
  if (message === null) return opens(event) ? newMessage(event, seq) : null
  if (!('message' in event) || event.message !== message.id || !isOpenMessage(message)) return message
  switch (event.type) {
    case 'text.delta':
      return appendText(message, event, seq)
    case 'reasoning.delta':
      return appendReasoning(message, event, seq)
    case 'tool.input.delta':
      return appendToolInput(message, event, seq)
    // One that a model writes is not added to.
    case 'message.added':
      return message.run === null ? { ...message, ...addedContent(message, event), lastSeq: seq } : message
    case 'message.started':
      return startMessage(message, event, seq)
    case 'generation.started':
      return startGeneration(message, event, seq)
    case 'generation.failed':
      return failGeneration(message, event, seq)
    case 'message.completed':
      return completeMessage(message, event, seq)
    default:
      return message
  }
}

function opens(event: SpoolEvent): event is Parameters<typeof newMessage>[0] {
  return event.type === 'message.added' || event.type === 'message.requested' || event.type === 'message.started'
}

function startMessage(message: MessageState, event: EventOf<'message.started'>, seq: number): MessageState {
  if (message.status !== 'requested') return message
  return {
    ...message,
    status: 'streaming',
    provider: event.provider,
    model: event.model,
    streaming: { ...message.streaming, started_at: event.at },
    lastSeq: seq,
  }
}

function startGeneration(message: MessageState, event: EventOf<'generation.started'>, seq: number): MessageState {
  const kept = keepText(message, event.kept)
  const isFruitful = hasProgressed({ ...message, text: kept.text })
  return {
    ...kept,
    attempt: event.attempt,
    worker: event.worker,
    fruitless: isFruitful ? 1 : message.fruitless + 1,
    milestone: isFruitful ? kept.text.length : Math.min(message.milestone, kept.text.length),
    begunAt: kept.text.length,
    provider: event.provider,
    model: event.model,
    parameters: event.parameters ?? message.parameters,
    lastSeq: seq,
  }
}

function failGeneration(message: MessageState, event: EventOf<'generation.failed'>, seq: number): MessageState {
  const counted = event.attempt <= message.countedAttempt
  const { attempt, error, at, wait_ms: waitMs = 0 } = event
  const failure = { attempt, provider: message.provider, model: message.model, error, at, waitMs }
  return {
    ...message,
    failures: [...message.failures, failure],
    usage: counted ? message.usage : addUsage(message.usage, event.usage),
    countedAttempt: counted ? message.countedAttempt : event.attempt,
    lastSeq: seq,
  }
}
