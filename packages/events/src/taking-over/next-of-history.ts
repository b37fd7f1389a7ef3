import { messagePieces, nextPiece } from '../forking/message-pieces.ts'
import { blankMessage } from '../folding/new-message.ts'
import { isOpenMessage, type MessageState } from '../state/message-state.ts'
import type { SessionState } from '../state/session-state.ts'
import type { EventFields } from '../vocabulary/draft.ts'

// What was said elsewhere comes into a session that begins: after the start of the run that brings it, before its
// message, as messages of no run. Their ids follow from the run's message, so whoever comes after a crash goes on where
// the last one ends, and no position has to be kept.

/** Something that was said elsewhere. */
export interface PastMessage {
  readonly role: 'user' | 'assistant' | 'system'
  readonly text: string
}

/** What to append next; null: all of it is there. `input`: the message that comes after it. */
export function nextOfHistory(
  history: readonly PastMessage[],
  { messages }: SessionState,
  input: string,
): EventFields<'message.added'> | null {
  const last = messages.at(-1)
  const index = last === undefined ? 0 : numberOf(last.id, input)
  if (last !== undefined && isOpenMessage(last)) {
    const entry = history[index - 1]
    return entry === undefined ? endOf(last) : nextPiece(messagePieces(messageOf(entry, last.id)), last)
  }
  const entry = history[index]
  return entry === undefined ? null : messagePieces(messageOf(entry, `${input}-${index + 1}`))[0]!
}

/** Whether all that was said in a session is history that came with this message. */
export function isOnlyHistory({ messages }: SessionState, input: string): boolean {
  const [first] = messages
  return first === undefined || numberOf(first.id, input) === 1
}

/** What ends a message of which not all has come, where its run ends before it does. */
export function cutHistory({ messages, forkedFrom }: SessionState): EventFields<'message.added'> | null {
  const last = messages.at(-1)
  if (last === undefined || last.run !== null || !isOpenMessage(last) || forkedFrom?.wholeSeq === null) return null
  return endOf(last)
}

function endOf({ id: message, role }: MessageState): EventFields<'message.added'> {
  return { message, role, parts: [], status: 'partial', reason: 'server_crashed' }
}

function messageOf({ role, text }: PastMessage, id: string): MessageState {
  return { ...blankMessage(id, null, 0), role, status: 'complete', parts: [{ type: 'text', text }], text }
}

/** From 1; 0: it is another message. */
function numberOf(id: string, input: string): number {
  const number = id.startsWith(`${input}-`) ? Number(id.slice(input.length + 1)) : 0
  return Number.isSafeInteger(number) && number > 0 ? number : 0
}
