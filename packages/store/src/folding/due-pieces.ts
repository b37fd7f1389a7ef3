import { isOpenMessage, type MessageState, openPart, type SessionState } from '@spool/events'
import type { SessionChange } from './fold-batch.ts'
import type { KnownSession } from './known-session.ts'
import { isDue, sizeOf } from './message-rows.ts'

/** What has to be written of a session after a batch. */
export interface DuePieces {
  readonly runs: SessionState['runs']
  readonly messages: readonly MessageState[]
  readonly calls: SessionState['calls']
  readonly questions: SessionState['questions']
  readonly artifacts: SessionState['artifacts']
  /** With any of these, so that no piece's row is ever ahead of its session's. */
  readonly header: boolean
}

/** The fold makes a new object of what it changes and leaves the rest as it is: the new ones are what changed. */
export function duePieces(change: SessionChange): DuePieces {
  const before = change.before.state
  const { after } = change
  const messages = changed(before.messages, after.messages).filter((message) => isDue(message, change.before.written))
  return {
    runs: changed(before.runs, after.runs),
    messages,
    calls: changed(before.calls, after.calls),
    questions: changed(allQuestions(before), allQuestions(after)),
    artifacts: changed(before.artifacts, after.artifacts),
    header: change.moved || messages.length > 0 || !change.before.known,
  }
}

/** What to remember once the pieces are written. */
export function afterwards(change: SessionChange, due: DuePieces): KnownSession {
  const { after, before, epoch } = change
  const state = change.moved ? openPart(after) : after
  if (due.messages.length === 0) return { state, epoch, known: true, written: before.written }
  const written = new Map(before.written)
  for (const message of due.messages) {
    if (isOpenMessage(message)) written.set(message.id, sizeOf(message))
    else written.delete(message.id)
  }
  return { state, epoch, known: true, written }
}

function changed<Piece>(before: readonly Piece[], after: readonly Piece[]): readonly Piece[] {
  if (before === after) return []
  const same = new Set(before)
  return after.filter((piece) => !same.has(piece))
}

function allQuestions({ question, questions }: SessionState): SessionState['questions'] {
  return question === null ? questions : [...questions, question]
}
