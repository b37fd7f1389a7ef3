import type { SessionState } from '@spool/events'

const PIECES = ['runs', 'messages', 'calls', 'question', 'questions', 'artifacts'] as const

type Piece = (typeof PIECES)[number]

/** A session's state without the pieces that have rows of their own. */
export type SessionHeader = Omit<SessionState, Piece>

export function headerOf(state: SessionState): SessionHeader {
  const header: SessionHeader & { -readonly [Name in Piece]?: SessionState[Name] } = { ...state }
  for (const piece of PIECES) delete header[piece]
  return header
}
