import type { MessageState } from '../state/message-state.ts'
import type { SummaryState } from '../state/session-state.ts'
import type { Beside } from '../vocabulary/message-events.ts'

/**
 * Everything that is said to the model by nobody in the conversation, as one text: many models take a single system
 * message only, and only at the beginning.
 */
export function systemText(beside: Beside, messages: readonly MessageState[], summary: SummaryState | null): string {
  const memories = beside.memories ?? []
  return [
    beside.instructions ?? '',
    ...messages.map((message) => message.text),
    memories.length === 0
      ? ''
      : `What is known from earlier conversations:\n${memories.map((memory) => `- ${memory.text}`).join('\n')}`,
    contextText(beside.context),
    summary === null ? '' : `The conversation so far, in short:\n${summary.text}`,
  ]
    .filter((section) => section !== '')
    .join('\n\n')
}

function contextText(context: unknown): string {
  if (context === undefined || context === null) return ''
  return typeof context === 'string' ? context : `Context:\n${JSON.stringify(context)}`
}
