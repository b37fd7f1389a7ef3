import type { MessageState } from '@spool/events'

/** A message as its row holds it: its text is what its text parts say, so it is not kept twice. */
export type StoredMessage = Omit<MessageState, 'text'>

export function withoutText(message: MessageState): StoredMessage {
  const stored: StoredMessage & { text?: string } = { ...message }
  delete stored.text
  return stored
}

export function withText(stored: StoredMessage): MessageState {
  return { ...stored, text: stored.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') }
}
