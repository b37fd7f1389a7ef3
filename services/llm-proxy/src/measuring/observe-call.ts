import { SpanKind, SpanStatusCode, type Attributes, type Span } from '@opentelemetry/api'
import { attributes, genAiAttributes, tracer } from '@spool/telemetry'
import type { AttemptOutcome } from '../generating/attempt.ts'
import type { Stopwatch } from '../generating/stopwatch.ts'
import type { GenerateParameters } from '../providers/provider.ts'
import { operationDuration, timeToFirstChunk, tokenUsage } from './metrics.ts'
import { modelLabel } from './model-label.ts'

export interface Call {
  readonly provider: string
  readonly model: string
  readonly parameters: GenerateParameters
  readonly tenant: string
  readonly session: string
  readonly run: string
  readonly message: string
  readonly attempt: number
  readonly reason: string
}

const OPERATION = 'chat'

/** One call of a provider as an operator sees it: a span and the GenAI metrics, and no word of prompt or answer. */
export function observeCall(
  call: Call,
  watch: Stopwatch,
  work: () => Promise<AttemptOutcome>,
): Promise<AttemptOutcome> {
  const options = { kind: SpanKind.CLIENT, attributes: requestOf(call) }
  return tracer().startActiveSpan(`${OPERATION} ${modelLabel(call.model)}`, options, async (span) => {
    try {
      const outcome = await work()
      span.setAttributes(endOf(outcome))
      if (outcome.kind === 'failed') span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.error.code })
      if (watch.isStarted) measure(call, watch, outcome)
      return outcome
    } catch (error) {
      markFailed(span, error)
      throw error
    } finally {
      span.end()
    }
  })
}

function requestOf({ parameters, ...call }: Call): Attributes {
  return {
    [genAiAttributes.operationName]: OPERATION,
    [genAiAttributes.providerName]: call.provider,
    [genAiAttributes.requestModel]: call.model,
    [genAiAttributes.requestStream]: true,
    [genAiAttributes.requestTemperature]: parameters.temperature,
    [genAiAttributes.requestMaxTokens]: parameters.max_tokens,
    [genAiAttributes.conversationId]: call.session,
    [attributes.tenant]: call.tenant,
    [attributes.session]: call.session,
    [attributes.run]: call.run,
    [attributes.message]: call.message,
    [attributes.attempt]: call.attempt,
    [attributes.reason]: call.reason,
  }
}

function endOf(outcome: AttemptOutcome): Attributes {
  if (outcome.kind === 'failed') return { [attributes.errorType]: outcome.error.code }
  const { finish } = outcome
  if (finish === null) return { [attributes.outcome]: outcome.kind }
  return {
    [attributes.outcome]: outcome.kind,
    [genAiAttributes.responseId]: finish.response.id,
    [genAiAttributes.responseModel]: finish.response.model,
    [genAiAttributes.responseFinishReasons]: [finish.reason],
    [genAiAttributes.usageInputTokens]: finish.usage.input_tokens,
    [genAiAttributes.usageOutputTokens]: finish.usage.output_tokens,
    [genAiAttributes.usageCachedTokens]: finish.usage.cached_tokens,
    [genAiAttributes.usageReasoningTokens]: finish.usage.reasoning_tokens,
  }
}

function measure(call: Call, watch: Stopwatch, outcome: AttemptOutcome): void {
  const { duration_ms: durationMs, first_token_ms: firstTokenMs } = watch.timing()
  const common = {
    [genAiAttributes.operationName]: OPERATION,
    [genAiAttributes.providerName]: call.provider,
    [genAiAttributes.requestModel]: modelLabel(call.model),
  }
  const error = outcome.kind === 'failed' ? { [attributes.errorType]: outcome.error.code } : {}
  operationDuration.record(durationMs / 1000, { ...common, ...error })
  if (firstTokenMs !== null) timeToFirstChunk.record(firstTokenMs / 1000, common)
  if (outcome.kind === 'failed' || outcome.finish === null) return
  const { input_tokens, output_tokens } = outcome.finish.usage
  tokenUsage.record(input_tokens, { ...common, [genAiAttributes.tokenType]: 'input' })
  tokenUsage.record(output_tokens, { ...common, [genAiAttributes.tokenType]: 'output' })
}

function markFailed(span: Span, error: unknown): void {
  const type = error instanceof Error ? error.name : 'unknown'
  span.setAttribute(attributes.errorType, type)
  span.setStatus({ code: SpanStatusCode.ERROR, message: type })
}
