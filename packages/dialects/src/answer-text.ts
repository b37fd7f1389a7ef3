import { codePoints, type Language, languageOf, say, type TextKey } from '@spool/events'
import type { DialectState, Ending, Opening, PlacedEvent } from './dialect.ts'

/** What a stream remembers that tells an answer as text, and cannot take any of it back. */
export interface AnswerState extends DialectState {
  readonly session: string
  readonly languageAsked: Language | undefined
  language: Language
  /** The message that is being written, and how much of it was told, in code points. */
  answer: string | null
  told: number
  /** Of the last event. */
  cursor: string
  /** The run has come to its end, and a good one. */
  succeeded: boolean
}

export function beginAnswer({ session, language }: Opening<unknown>): AnswerState {
  return {
    session,
    languageAsked: language,
    language: language ?? 'en',
    answer: null,
    told: 0,
    cursor: '0',
    succeeded: false,
  }
}

/** What an event says: a piece of the answer, or that no more of it comes; `null`: neither. */
export function hear({ event, cursor }: PlacedEvent, state: AnswerState): { text: string } | { error: string } | null {
  state.cursor = cursor
  switch (event.type) {
    case 'text.delta':
      if (event.message !== state.answer) return null
      state.told += codePoints(event.text)
      return event.text === '' ? null : { text: event.text }
    case 'run.queued':
    case 'run.started':
      state.language = state.languageAsked ?? languageOf(event.language)
      return null
    case 'message.started':
      if (event.purpose !== 'answer') return null
      state.answer = event.message
      state.told = 0
      return null
    case 'generation.started':
      if (event.message !== state.answer || event.kept >= state.told) return null
      return { error: say(state.language, 'chat.began_anew') }
    case 'run.completed':
      state.succeeded = true
      return null
    case 'run.cancelled':
      return { error: cancelledText(state.language, event.reason) }
    case 'run.failed':
      return { error: event.error.message }
    case 'session.erased':
      return { error: say(state.language, 'chat.erased') }
    default:
      return null
  }
}

/** Why a stream ends in good order that has not told a whole answer; `null`: it has. */
export function unfinished(ending: Ending, { language, session, cursor, succeeded }: AnswerState): string | null {
  if (ending === 'reset') return say(language, 'chat.reset')
  if (ending === 'time_limit') return say(language, 'chat.time_limit', { session, cursor })
  return succeeded ? null : say(language, 'chat.not_started')
}

const CANCELLED: Readonly<Record<string, TextKey>> = {
  confirmation_timeout: 'chat.cancelled_unanswered',
  confirmation_cancelled: 'chat.cancelled_refused',
  time_limit: 'chat.cancelled_late',
}

export function cancelledText(language: Language | undefined, reason: string | undefined): string {
  return say(language, CANCELLED[reason ?? ''] ?? 'chat.cancelled')
}
