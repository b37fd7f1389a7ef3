import type { Part, ToolCall } from '@spool/events'

/** What the model is sent, message by message. What lay in a blob is in its part's `url` by now (a `data:` URL). */
export type PromptMessage =
  | { role: 'system'; text: string }
  | { role: 'user'; parts: readonly Part[] }
  | { role: 'assistant'; text: string; tool_calls?: readonly ToolCall[] }
  | { role: 'tool'; call: string; name: string; output: unknown }

/** The text of the last user message: what the answer is an answer to. */
export function lastUserText(prompt: readonly PromptMessage[]): string {
  const last = prompt.findLast((message) => message.role === 'user')
  return last?.role === 'user' ? last.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') : ''
}
