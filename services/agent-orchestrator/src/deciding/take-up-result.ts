import { type SessionState, draft, messageOf } from '@spool/events'
import { takeUpSummary } from '../summarising/summarise.ts'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'

const MAX_TITLE = 200

/** A title or summary that a model has written becomes the session's. */
export function takeUpResult(state: SessionState, circumstances: Circumstances): Decision {
  const title = state.results.find(({ purpose }) => purpose === 'title')
  const message = title === undefined ? undefined : messageOf(state, title.message)
  if (message === undefined) return takeUpSummary(state, circumstances) ?? NOTHING
  const { run, text } = message
  const about = run === null ? {} : { run }
  return append(draft('session.titled', { ...about, title: text.trim().slice(0, MAX_TITLE) }, circumstances.now))
}
