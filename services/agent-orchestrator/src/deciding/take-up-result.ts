import { type SessionState, draft, messageOf } from '@spool/events'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'

const MAX_TITLE = 200

/** A title or summary that a model has written becomes the session's. */
export function takeUpResult(state: SessionState, { now }: Circumstances): Decision {
  const [result] = state.results
  const message = result === undefined ? undefined : messageOf(state, result.message)
  if (result === undefined || message === undefined) return NOTHING
  const { run, text } = message
  if (result.purpose === 'title') {
    return append(draft('session.titled', { ...about(run), title: text.trim().slice(0, MAX_TITLE) }, now))
  }
  const upTo = message.request?.upTo
  if (upTo == null) return NOTHING
  const standsFor = state.messages.filter(({ firstSeq }) => firstSeq <= Number(upTo.split('-')[1])).length
  return append(draft('session.summarised', { ...about(run), up_to: upTo, text, messages: standsFor }, now))
}

function about(run: string | null) {
  return run === null ? {} : { run }
}
