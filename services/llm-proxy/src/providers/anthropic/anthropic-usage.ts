import type { Usage } from '@spool/events'
import { tokenCount } from '../ai-sdk/token-count.ts'

interface Frame {
  type?: unknown
  message?: { usage?: Counts }
  usage?: Counts
}

type Counts = Partial<
  Record<'input_tokens' | 'output_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens', unknown>
>

/** Anthropic tells at the beginning what the prompt costs. */
export function anthropicUsage(frame: unknown): Usage | undefined {
  const { type, message } = frame as Frame
  const told = type === 'message_start' ? message?.usage : undefined
  if (!told) return undefined
  const cached = tokenCount(told.cache_read_input_tokens)
  return {
    input_tokens: tokenCount(told.input_tokens) + cached + tokenCount(told.cache_creation_input_tokens),
    output_tokens: tokenCount(told.output_tokens),
    cached_tokens: cached,
    reasoning_tokens: 0,
  }
}
