import type { Placed } from '../placed.ts'
import type { MessageState } from '../state/message-state.ts'
import { messageOf, type ResultState, type SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { addUsage, type ReportedUsage } from '../vocabulary/usage.ts'
import { withMemory } from './fold-memory.ts'
import { foldMessage } from './fold-message.ts'
import { withRunning } from './fold-run.ts'
import type { MessageOpening } from './new-message.ts'
import { withLast } from './with-last.ts'

type IntoMessage =
  | EventOf<'text.delta'>
  | EventOf<'reasoning.delta'>
  | EventOf<'tool.input.delta'>
  | EventOf<'generation.started'>
  | EventOf<'generation.failed'>
  | EventOf<'message.added'>
  | EventOf<'message.started'>
  | EventOf<'message.completed'>

/** An event that goes on with a message that is there. */
export function foldIntoMessage(state: SessionState, placed: Placed<IntoMessage>): SessionState {
  const messages = withLast(state.messages, placed.event.message, (message) => foldMessage(message, placed) ?? message)
  return messages === state.messages ? state : { ...state, messages }
}

/** An event that may be a message's first. */
export function openMessage(state: SessionState, placed: Placed<MessageOpening>): SessionState {
  if (messageOf(state, placed.event.message) !== undefined) {
    return placed.event.type === 'message.requested' ? state : foldIntoMessage(state, placed as Placed<IntoMessage>)
  }
  const message = foldMessage(null, placed)
  return message === null ? state : { ...state, messages: [...state.messages, message] }
}

export function addMessage(state: SessionState, placed: Placed<EventOf<'message.added'>>): SessionState {
  const { event } = placed
  const next = openMessage(state, placed)
  if (event.run === undefined) return next
  return withRunning(next, event.run, (run) =>
    run.waiting?.message === event.message ? { ...run, waiting: null } : run,
  )
}

export function requestMessage(state: SessionState, placed: Placed<EventOf<'message.requested'>>): SessionState {
  const { seq, event } = placed
  const next = openMessage(state, placed)
  if (next === state) return state
  switch (event.purpose) {
    case 'answer':
    case 'plan':
      return withRunning(next, event.run, (run) => ({ ...run, steps: run.steps + 1 }))
    case 'memory':
      return withMemory(next, event.run, seq, (memory) => ({
        ...memory,
        message: { id: event.message, status: 'open', seq },
      }))
    default:
      return next
  }
}

export function failGeneration(state: SessionState, placed: Placed<EventOf<'generation.failed'>>): SessionState {
  const { seq, event } = placed
  const next = foldIntoMessage(state, placed)
  const message = messageOf(next, event.message)
  return message === undefined ? next : countUsage(next, state, message, event.usage, seq)
}

export function completeMessage(state: SessionState, placed: Placed<EventOf<'message.completed'>>): SessionState {
  const { seq, event } = placed
  const folded = foldIntoMessage(state, placed)
  const message = messageOf(folded, event.message)
  if (folded === state || message === undefined) return state
  const next = countUsage(folded, state, message, event.usage, seq)
  switch (message.purpose) {
    case 'memory':
      return withMemory(next, event.run, seq, (memory) =>
        memory.message?.id === message.id
          ? { ...memory, message: { id: message.id, status: event.status, seq } }
          : memory,
      )
    case 'title':
      return event.status === 'complete' ? withResult(next, { purpose: 'title', message: message.id, seq }) : next
    case 'summary':
      return turn(
        event.status === 'complete' ? withResult(next, { purpose: 'summary', message: message.id, seq }) : next,
        event.run,
        seq,
      )
    default:
      return turn(next, event.run, seq)
  }
}

/** It is the orchestrator's turn in this run. */
export function turn(state: SessionState, run: string, seq: number): SessionState {
  return withRunning(state, run, (before) => ({ ...before, turnSeq: seq }))
}

function withResult(state: SessionState, result: ResultState): SessionState {
  return { ...state, results: [...state.results, result] }
}

/** Adds what an attempt used to its session, and to its run or that run's memory, if the message has counted it. */
function countUsage(
  state: SessionState,
  before: SessionState,
  message: MessageState,
  reported: ReportedUsage | undefined,
  seq: number,
): SessionState {
  if (reported === undefined || message.usage === messageOf(before, message.id)?.usage) return state
  const counted = { ...state, usage: addUsage(state.usage, reported) }
  if (message.run === null) return counted
  return message.purpose === 'memory'
    ? withMemory(counted, message.run, seq, (memory) => ({ ...memory, usage: addUsage(memory.usage, reported) }))
    : withRunning(counted, message.run, (run) => ({ ...run, usage: addUsage(run.usage, reported) }))
}
