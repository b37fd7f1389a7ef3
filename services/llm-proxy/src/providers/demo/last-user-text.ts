import type { PromptMessage } from '@spool/events'

/** The text of the last user message: what the answer is an answer to. */
export function lastUserText(prompt: readonly PromptMessage[]): string {
  const last = prompt.findLast((message) => message.role === 'user')
  return last?.content.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? ''
}
