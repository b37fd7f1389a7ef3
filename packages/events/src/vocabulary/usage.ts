import * as z from 'zod'
import { count } from './scalars.ts'

/** Tokens of one attempt, or of several added up. */
export const usageSchema = z.object({
  input_tokens: count,
  output_tokens: count,
  /** Those of `input_tokens` that the provider had cached. */
  cached_tokens: count.optional(),
  /** Those of `output_tokens` that were reasoning. */
  reasoning_tokens: count.optional(),
})

export type ReportedUsage = z.infer<typeof usageSchema>

/** Usage as a state holds it: everything counted, nothing left out. */
export interface Usage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cached_tokens: number
  readonly reasoning_tokens: number
}

export const NO_USAGE: Usage = { input_tokens: 0, output_tokens: 0, cached_tokens: 0, reasoning_tokens: 0 }

export function addUsage(sum: Usage, more: ReportedUsage | undefined): Usage {
  if (more === undefined) return sum
  return {
    input_tokens: sum.input_tokens + more.input_tokens,
    output_tokens: sum.output_tokens + more.output_tokens,
    cached_tokens: sum.cached_tokens + (more.cached_tokens ?? 0),
    reasoning_tokens: sum.reasoning_tokens + (more.reasoning_tokens ?? 0),
  }
}
