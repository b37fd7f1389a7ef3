import type { MessageState } from '../state/message-state.ts'
import type { Beside } from '../vocabulary/message-events.ts'

/**
 * Everything that is said to the model by nobody in the conversation, as one text: many models take a single system
 * message only, and only at the beginning.
 */
export function systemText(beside: Beside, messages: readonly MessageState[]): string {
  const memories = beside.memories ?? []
  return sections(
    beside.instructions ?? '',
    ...messages.map((message) => message.text),
    memories.length === 0
      ? ''
      : `What is known from earlier conversations:\n${memories.map((memory) => `- ${memory.text}`).join('\n')}`,
    contextText(beside.context),
  )
}

export function summaryText(text: string): string {
  return `The conversation so far, in short:\n${text}`
}

export function sections(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n')
}

function contextText(context: unknown): string {
  if (context === undefined || context === null) return ''
  return typeof context === 'string' ? context : `Context:\n${JSON.stringify(context)}`
}
