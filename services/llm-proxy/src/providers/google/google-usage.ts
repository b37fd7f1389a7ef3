import type { Usage } from '@spool/events'
import { tokenCount } from '../ai-sdk/token-count.ts'

interface Frame {
  usageMetadata?: Partial<
    Record<'promptTokenCount' | 'candidatesTokenCount' | 'cachedContentTokenCount' | 'thoughtsTokenCount', unknown>
  >
}

/** Gemini tells with every piece what the call has cost so far. */
export function googleUsage(frame: unknown): Usage | undefined {
  const { usageMetadata: told } = frame as Frame
  if (!told) return undefined
  const thoughts = tokenCount(told.thoughtsTokenCount)
  return {
    input_tokens: tokenCount(told.promptTokenCount),
    output_tokens: tokenCount(told.candidatesTokenCount) + thoughts,
    cached_tokens: tokenCount(told.cachedContentTokenCount),
    reasoning_tokens: thoughts,
  }
}
