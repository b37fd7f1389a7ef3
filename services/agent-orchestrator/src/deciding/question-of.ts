import type { QuestionState, SessionState } from '@spool/events'
import type { ConfirmRequest } from '@spool/log'

/** Which question an answer is to: the one it names, else whatever is asked. What it has answered stays its own. */
export function questionOf(state: SessionState, request: ConfirmRequest): QuestionState | undefined {
  const { question, questions } = state
  if (request.confirmation !== undefined) {
    const isWaiting = question?.id === request.confirmation
    return isWaiting ? question : questions.findLast(({ id }) => id === request.confirmation)
  }
  const answered = questions.findLast(({ resolution }) => resolution?.request === request.request)
  if (answered !== undefined || question === null) return answered
  return question.firstSeq <= (request.up_to ?? question.firstSeq) ? question : undefined
}
