import type { MessageState } from '../state/message-state.ts'
import { codePoints } from '../unicode.ts'

/**
 * What a new attempt leaves of what the one before had made. `kept` is all or 0; where a writer broke that rule,
 * exactly so many code points stay. Arguments of tools that were still streaming cannot be continued and go.
 */
export function keepText(message: MessageState, kept: number): MessageState {
  if (kept === 0) return { ...message, text: '', parts: [] }
  if (kept >= codePoints(message.text)) {
    return { ...message, parts: message.parts.filter((part) => part.type !== 'tool_call') }
  }
  const text = [...message.text].slice(0, kept).join('')
  return { ...message, text, parts: [{ type: 'text', text }] }
}
