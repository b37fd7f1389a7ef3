import { SpanKind, type Attributes } from '@opentelemetry/api'
import { attributes, contentWanted, genAiAttributes, markFailed, tracer } from '@spool/telemetry'
import type { AttemptOutcome } from '../generating/attempt-outcome.ts'
import type { Stopwatch } from '../generating/stopwatch.ts'
import { contentAttributes } from './call-content.ts'
import type { Call } from './call.ts'
import { measureCall, usageOf } from './measure-call.ts'
import { callLabels, OPERATION } from './metric-labels.ts'
import { serverOf } from './server-of.ts'

/**
 * One call of a provider as an operator sees it: a span and the GenAI metrics, and no word of prompt or answer unless
 * that is switched on. A call that is made again has a span of its own: which of them failed is what one wants to know.
 */
export function observeCall(
  call: Call,
  watch: Stopwatch,
  work: () => Promise<AttemptOutcome>,
): Promise<AttemptOutcome> {
  const options = { kind: SpanKind.CLIENT, attributes: requestOf(call) }
  const { [genAiAttributes.requestModel]: model } = callLabels(call.provider, call.model)
  return tracer().startActiveSpan(`${OPERATION} ${model}`, options, async (span) => {
    try {
      const outcome = await work()
      if (watch.isStarted) {
        span.setAttributes(answerOf(outcome, watch))
        measureCall(call, watch, outcome)
      }
      span.setAttribute(attributes.outcome, outcome.kind)
      if (outcome.kind === 'failed') markFailed(span, outcome.error)
      return outcome
    } catch (error) {
      markFailed(span, error)
      throw error
    } finally {
      if (span.isRecording() && contentWanted()) span.setAttributes(contentAttributes(call.content(), call.attempt))
      span.end()
    }
  })
}

function requestOf({ parameters, ...call }: Call): Attributes {
  return {
    ...callLabels(call.provider, call.model),
    ...serverOf(call.provider, call.baseUrl),
    // A span may hold any name; only metrics have to be few.
    [genAiAttributes.requestModel]: call.model,
    [genAiAttributes.requestStream]: true,
    [genAiAttributes.requestTemperature]: parameters.temperature,
    [genAiAttributes.requestTopP]: parameters.top_p,
    [genAiAttributes.requestMaxTokens]: parameters.max_tokens,
    [genAiAttributes.requestSeed]: parameters.seed,
    [genAiAttributes.requestStopSequences]: parameters.stop,
    [genAiAttributes.requestReasoningLevel]: parameters.reasoning,
    [genAiAttributes.conversationId]: call.session,
    [attributes.askedModel]: call.asked,
    [attributes.tenant]: call.tenant,
    [attributes.session]: call.session,
    [attributes.run]: call.run,
    [attributes.message]: call.message,
    [attributes.attempt]: call.attempt,
    [attributes.purpose]: call.purpose,
    [attributes.reason]: call.reason,
  }
}

function answerOf(outcome: AttemptOutcome, watch: Stopwatch): Attributes {
  const { first_token_ms: firstTokenMs } = watch.timing()
  const finish = outcome.kind === 'failed' ? null : outcome.finish
  const usage = usageOf(outcome)
  return {
    ...(firstTokenMs !== null && { [genAiAttributes.responseTimeToFirstChunk]: firstTokenMs / 1000 }),
    [genAiAttributes.responseFinishReasons]: [finish?.reason ?? 'error'],
    [genAiAttributes.responseId]: finish?.response.id,
    [genAiAttributes.responseModel]: finish?.response.model,
    [genAiAttributes.usageInputTokens]: usage?.input_tokens,
    [genAiAttributes.usageOutputTokens]: usage?.output_tokens,
    [genAiAttributes.usageCacheReadInputTokens]: usage?.cached_tokens,
    [genAiAttributes.usageReasoningOutputTokens]: usage?.reasoning_tokens,
  }
}
