import type { Usage } from '@spool/events'
import { attributes, genAiAttributes } from '@spool/telemetry'
import type { AttemptOutcome } from '../generating/attempt-outcome.ts'
import type { Stopwatch } from '../generating/stopwatch.ts'
import type { Call } from './call.ts'
import { callLabels, routeLabels } from './metric-labels.ts'
import {
  cacheReadInputTokens,
  callDuration,
  inputTokens,
  inputTokensPerCall,
  outputTokens,
  outputTokensPerCall,
  reasoningOutputTokens,
  routeFailures,
  timePerOutputChunk,
  timeToFirstChunk,
} from './metrics.ts'

const NO_TOKENS: Usage = { input_tokens: 0, output_tokens: 0, cached_tokens: 0, reasoning_tokens: 0 }

/** No provider says which of its tokens were text and which an image. */
const MODALITY = { [genAiAttributes.tokenModality]: 'unknown' }

/** What a call that is over adds to the metrics: once, whatever becomes of its message. */
export function measureCall(call: Call, watch: Stopwatch, outcome: AttemptOutcome): void {
  const { asked, provider, model } = call
  const labels = callLabels(provider, model)
  const { duration_ms: durationMs, first_token_ms: firstTokenMs } = watch.timing()
  const failure = outcome.kind === 'failed' ? { [attributes.errorType]: outcome.error.code } : {}
  callDuration.record(durationMs / 1000, { ...labels, ...failure })
  if (firstTokenMs !== null) timeToFirstChunk.record(firstTokenMs / 1000, labels)
  for (const pauseMs of watch.sampledPausesMs) timePerOutputChunk.record(pauseMs / 1000, labels)
  if (outcome.kind === 'failed') routeFailures.add(1, { ...routeLabels(asked, provider, model), ...failure })
  countTokens(labels, outcome)
}

function countTokens(labels: ReturnType<typeof callLabels>, outcome: AttemptOutcome): void {
  // Where nothing is known the series are there all the same: what cost nothing is not what was never called.
  const usage = usageOf(outcome) ?? NO_TOKENS
  inputTokens.add(usage.input_tokens, { ...labels, ...MODALITY })
  outputTokens.add(usage.output_tokens, { ...labels, ...MODALITY })
  cacheReadInputTokens.add(usage.cached_tokens, { ...labels, ...MODALITY })
  reasoningOutputTokens.add(usage.reasoning_tokens, { ...labels, ...MODALITY })
  if (outcome.kind === 'failed' || outcome.finish === null) return
  inputTokensPerCall.record(usage.input_tokens, labels)
  outputTokensPerCall.record(usage.output_tokens, labels)
}

/** Also a call that failed, or was stopped, may have cost something. */
export function usageOf(outcome: AttemptOutcome): Usage | undefined {
  return outcome.kind === 'completed' ? outcome.finish.usage : outcome.usage
}
