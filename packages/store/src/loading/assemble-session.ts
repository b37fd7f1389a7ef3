import { foldMessage, type MessageState, type SessionState } from '@spool/events'
import type { SessionHeader } from '../folding/session-header.ts'
import { type ChainRow, eventOfRow, foldRow } from './fold-text.ts'

/** A session as its rows hold it: each piece whole, but a message that streams may stand further back. */
export interface SessionRows {
  readonly header: SessionHeader
  readonly epoch: number
  readonly runs: SessionState['runs']
  readonly messages: readonly { readonly asOf: number; readonly message: MessageState }[]
  readonly calls: SessionState['calls']
  readonly questions: SessionState['questions']
  readonly artifacts: SessionState['artifacts']
  /** The chain's events after the oldest of these pieces. */
  readonly tail: readonly ChainRow[]
}

/** Where the rows' tail has to begin: after the position up to which every open piece is written. */
export function tailStart(headerSeq: number, openMessages: readonly { readonly asOf: number }[]): number {
  return openMessages.reduce((after, { asOf }) => Math.min(after, asOf), headerSeq)
}

/**
 * Brings the pieces to one position and folds the rest of the tail on top. A message's row is never ahead of its
 * session's, so what lies between the two concerns that message alone.
 */
export function assembleSession(rows: SessionRows): { state: SessionState; epoch: number } {
  const { header, tail } = rows
  const behind = tail.filter((row) => row.seq <= header.seq)
  const messages = rows.messages.map(({ asOf, message }) => catchUp(message, asOf, behind))
  let state: SessionState = {
    ...header,
    runs: rows.runs,
    messages,
    calls: rows.calls,
    question: rows.questions.find((question) => question.resolution === null) ?? null,
    questions: rows.questions.filter((question) => question.resolution !== null),
    artifacts: rows.artifacts,
  }
  let { epoch } = rows
  for (const row of tail) {
    if (row.seq <= header.seq) continue
    state = foldRow(state, row)
    epoch = row.epoch
  }
  return { state, epoch }
}

/** A message as of the last of these events; those up to `asOf` are in it already. */
export function catchUp(message: MessageState, asOf: number, rows: readonly ChainRow[]): MessageState {
  let current = message
  for (const row of rows) {
    const event = row.seq > asOf ? eventOfRow(row) : null
    if (event !== null) current = foldMessage(current, { seq: row.seq, event }) ?? current
  }
  return current
}
