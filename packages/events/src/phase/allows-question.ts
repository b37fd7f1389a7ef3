import type { SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { betweenMessages, notCancelled, type Refusal } from './rules.ts'

export function allowsPlan(state: SessionState, event: EventOf<'plan.proposed'>): Refusal {
  return betweenMessages(state, event.run)
}

export function allowsQuestion(state: SessionState, event: EventOf<'confirmation.requested'>): Refusal {
  const asked = state.questions.some((question) => question.id === event.confirmation)
  return asked ? `question ${event.confirmation} was asked already` : betweenMessages(state, event.run)
}

export function allowsConfirmation(state: SessionState, event: EventOf<'confirmation.resolved'>): Refusal {
  const { question } = state
  if (question?.id !== event.confirmation) {
    const earlier = state.questions.findLast((asked) => asked.id === event.confirmation)
    return earlier === undefined
      ? `question ${event.confirmation} was never asked`
      : `question ${event.confirmation} is resolved: ${earlier.resolution?.action}`
  }
  if (question.run !== event.run) return `question ${question.id} is not of run ${event.run}`
  // Whoever was first wins: once a cancel is in the log, nothing is confirmed any more.
  const goesOn = event.action === 'confirm' || event.action === 'modify'
  return goesOn ? notCancelled(state, event.run) : null
}
