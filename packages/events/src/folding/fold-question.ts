import type { QuestionState } from '../state/question-state.ts'
import type { SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { elapsedMs } from './elapsed-ms.ts'
import { withRunning } from './fold-run.ts'

export function askQuestion(state: SessionState, event: EventOf<'confirmation.requested'>, seq: number): SessionState {
  if (state.question !== null) return state
  const question: QuestionState = {
    id: event.confirmation,
    run: event.run,
    kind: event.kind,
    round: event.round,
    prompt: event.prompt,
    tasks: event.tasks,
    call: event.call ?? null,
    hash: event.hash,
    options: event.options,
    timeout_seconds: event.timeout_seconds,
    deadline: event.deadline,
    askedAt: event.at,
    resolution: null,
    firstSeq: seq,
    lastSeq: seq,
  }
  return { ...state, question }
}

export function resolveQuestion(
  state: SessionState,
  event: EventOf<'confirmation.resolved'>,
  seq: number,
): SessionState {
  const { question } = state
  if (question === null || question.id !== event.confirmation) return state
  const resolved: QuestionState = {
    ...question,
    resolution: {
      action: event.action,
      message: event.message ?? null,
      input_before: event.input_before ?? null,
      input_after: event.input_after ?? null,
      by: event.by,
      via: event.via,
      request: event.request ?? null,
      at: event.at,
    },
    lastSeq: seq,
  }
  const next = { ...state, question: null, questions: [...state.questions, resolved] }
  return withRunning(next, question.run, (run) => ({
    ...run,
    turnSeq: seq,
    waitedMs: run.waitedMs + elapsedMs(question.askedAt, event.at),
  }))
}
