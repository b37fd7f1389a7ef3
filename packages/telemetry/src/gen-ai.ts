/**
 * The GenAI conventions that Spool uses, as constants of our own: the ones in `@opentelemetry/semantic-conventions`
 * are deprecated since they moved to a repository of their own. A proxy that calls a provider is a *client*, so the
 * `gen_ai.server.*` metrics are not for us. Prompt and answer text are no attributes at all.
 */
import type { MetricDefinition } from './metric-definition.ts'

const secondsDoubling = Array.from({ length: 14 }, (_, step) => 0.01 * 2 ** step)
const tokensByFour = Array.from({ length: 14 }, (_, step) => 4 ** step)

export const genAiMetrics = {
  tokenUsage: {
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    description: 'Tokens per call, by type (input, output)',
    buckets: tokensByFour,
  },
  operationDuration: {
    name: 'gen_ai.client.operation.duration',
    unit: 's',
    description: 'From the request to the end of the answer',
    buckets: secondsDoubling,
  },
  timeToFirstChunk: {
    name: 'gen_ai.client.operation.time_to_first_chunk',
    unit: 's',
    description: 'From the request to the first piece of the answer',
    buckets: secondsDoubling,
  },
  timePerOutputChunk: {
    name: 'gen_ai.client.operation.time_per_output_chunk',
    unit: 's',
    description: 'Between two pieces of one answer',
    buckets: secondsDoubling,
  },
} satisfies Record<string, MetricDefinition>

export const genAiAttributes = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  requestTemperature: 'gen_ai.request.temperature',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  usageCachedTokens: 'gen_ai.usage.cache_read.input_tokens',
  usageReasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenType: 'gen_ai.token.type',
  conversationId: 'gen_ai.conversation.id',
} as const
