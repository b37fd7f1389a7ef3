import { MAX_EVENT_BYTES, type QuestionState, type SessionState, draft, runOf, say } from '@spool/events'
import type { ConfirmRequest } from '@spool/log'
import { problemOf } from './call-tool.ts'
import { type Circumstances, type Decision, append, refuse } from './decision.ts'
import { nextOfSession } from './next-of-session.ts'
import { questionOf } from './question-of.ts'

/** A person's answer. One is taken; all others hear what happened. */
export function answerQuestion(state: SessionState, request: ConfirmRequest, circumstances: Circumstances): Decision {
  // As everywhere: what is not there is not found. Whoever asks may have the id of another tenant's session.
  if (state.seq === 0) return refuse(404, 'session_not_found', 'There is no such session. Nothing was answered.')
  const question = questionOf(state, request)
  if (question === undefined) {
    return refuse(409, 'confirmation_unknown', say(state.language, 'refusal.confirmation_unknown'))
  }
  if (question.resolution === null) return answerOpen(state, question, request, circumstances)
  if (question.resolution.request === request.request) return nextOfSession(state, circumstances)
  return tooLate(state, question)
}

function answerOpen(
  state: SessionState,
  question: QuestionState,
  request: ConfirmRequest,
  circumstances: Circumstances,
): Decision {
  const { now } = circumstances
  const run = runOf(state, question.run)
  const language = run?.language
  const about = { run: question.run, confirmation: question.id }
  if (run?.cancelRequested != null) {
    return refuse(409, 'confirmation_run_ended', say(language, 'refusal.confirmation_run_ended'))
  }
  if (Date.parse(question.deadline) <= now.getTime()) {
    return append(draft('confirmation.resolved', { ...about, action: 'timeout', by: 'spool', via: 'deadline' }, now))
  }
  if (request.hash !== undefined && request.hash !== question.hash) {
    const members = { hash: question.hash }
    return refuse(409, 'confirmation_changed', say(language, 'refusal.confirmation_changed'), members)
  }
  const problem =
    run === undefined
      ? null
      : problemOfAnswer(question, request, run.language, () => {
          const [task] = question.tasks
          return problemOf(run, task?.tool ?? '', request.input, circumstances)?.message ?? null
        })
  if (problem !== null) return problem
  const { action, message, input, by, via } = request
  const isChanged = action === 'modify' && input !== undefined
  const inputs = isChanged ? { input_before: question.tasks[0]?.input ?? null, input_after: input } : {}
  const said = message !== undefined && message !== '' ? { message } : {}
  const answer = { ...about, action, ...said, by, via, request: request.request }
  const resolved = draft('confirmation.resolved', { ...answer, ...inputs }, now)
  if (Buffer.byteLength(JSON.stringify(resolved)) <= MAX_EVENT_BYTES) return append(resolved)
  // What was asked about is in the question as well.
  return append(draft('confirmation.resolved', { ...answer, input_after: input }, now))
}

function problemOfAnswer(
  { kind }: QuestionState,
  { action, message, input }: ConfirmRequest,
  language: string | null,
  checkInput: () => string | null,
): Decision | null {
  if (action !== 'modify') return null
  if (kind === 'plan' || input === undefined) {
    const isSaid = message !== undefined && message.trim() !== '' && input === undefined
    return isSaid ? null : refuse(400, 'confirmation_needs_text', say(language, 'refusal.confirmation_needs_text'))
  }
  const problem = checkInput()
  return problem === null
    ? null
    : refuse(400, 'confirmation_input', say(language, 'refusal.confirmation_input', { problem }))
}

function tooLate(state: SessionState, { run: id, resolution }: QuestionState): Decision {
  const run = runOf(state, id)
  if (resolution === null) return { kind: 'nothing' }
  const { action, by, via, at } = resolution
  const members = { action, by, via, at }
  if (action === 'timeout') {
    const text = say(run?.language, 'refusal.confirmation_timed_out', { at })
    return refuse(409, 'confirmation_timed_out', text, members)
  }
  if (via === 'run.cancel' || via === 'run.failed') {
    return refuse(409, 'confirmation_run_ended', say(run?.language, 'refusal.confirmation_run_ended'), members)
  }
  const what = { action: say(run?.language, `action.${action}`), by, at }
  const text = say(run?.language, 'refusal.confirmation_answered', what)
  return refuse(409, 'confirmation_answered', text, members)
}
