import { getModelCapabilities } from '@ai-sdk/anthropic/internal'
import type { LanguageModelV4CallOptions, LanguageModelV4Message } from '@ai-sdk/provider'

/**
 * A model that thinks within a budget refuses two things with a 400: a beginning of the answer to go on from, and a
 * tool call of the same turn that does not come back with the thoughts before it. Where another provider made the call
 * there are none. An answer without new thoughts is better than no answer; models that choose by themselves how much to
 * think have no such rule.
 */
export function mustNotThink(model: string, { prompt, reasoning = 'none' }: LanguageModelV4CallOptions): boolean {
  if (reasoning === 'none' || reasoning === 'provider-default') return false
  if (getModelCapabilities(model).supportsAdaptiveThinking) return false
  const turn = prompt.slice(prompt.findLastIndex(({ role }) => role === 'user') + 1)
  return turn.at(-1)?.role === 'assistant' || turn.some(callsWithoutThoughts)
}

function callsWithoutThoughts(message: LanguageModelV4Message): boolean {
  if (message.role !== 'assistant') return false
  const { content } = message
  return content[0]?.providerOptions?.['anthropic'] === undefined && content.some(({ type }) => type === 'tool-call')
}
