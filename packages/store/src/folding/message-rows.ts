import { isOpenMessage, type MessageState } from '@spool/events'
import type { WrittenSizes } from './known-session.ts'

/** Below this a message is not worth a write of its own; what is missing is folded on top of its row. */
const LEAST_GROWTH = 256

/**
 * Whether a message that changed is written now: when it is new, when it is finished, and when it has grown by a
 * quarter. So the writing of a long answer costs a few times its length, not its length times the number of batches.
 */
export function isDue(message: MessageState, written: WrittenSizes): boolean {
  const before = written.get(message.id)
  if (before === undefined || !isOpenMessage(message)) return true
  const size = sizeOf(message)
  // Less than before: a new attempt has begun anew.
  return size < before || size >= before + Math.max(LEAST_GROWTH, before / 4)
}

export function sizeOf(message: MessageState): number {
  return message.parts.reduce((size, part) => size + ('text' in part ? part.text.length : 0), 0)
}
