import type { RunState } from '@spool/events'
import type { Limit } from './end-run.ts'

/** Whether a run may not ask a model any more. */
export function limitReached({ limits, steps, usage }: RunState): Limit | null {
  if (limits?.steps !== undefined && steps >= limits.steps) return 'steps'
  const used = usage.input_tokens + usage.output_tokens
  return limits?.tokens !== undefined && used >= limits.tokens ? 'tokens' : null
}
