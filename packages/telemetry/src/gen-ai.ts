/**
 * The GenAI conventions that Spool uses, as constants of our own: the ones in `@opentelemetry/semantic-conventions`
 * are deprecated since they moved to a repository of their own (open-telemetry/semantic-conventions-genai, as of
 * November 2026, when inference got names of its own). A proxy that calls a provider is a *client*, so the
 * `gen_ai.server.*` metrics are not for us.
 */
import type { MetricDefinition } from './metric-definition.ts'

export const genAiAttributes = {
  operationName: 'gen_ai.operation.name',
  providerName: 'gen_ai.provider.name',
  conversationId: 'gen_ai.conversation.id',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  requestTemperature: 'gen_ai.request.temperature',
  requestTopP: 'gen_ai.request.top_p',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestSeed: 'gen_ai.request.seed',
  requestStopSequences: 'gen_ai.request.stop_sequences',
  requestReasoningLevel: 'gen_ai.request.reasoning.level',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  responseFinishReasons: 'gen_ai.response.finish_reasons',
  responseTimeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',
  usageCacheReadInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  usageReasoningOutputTokens: 'gen_ai.usage.reasoning.output_tokens',
  tokenModality: 'gen_ai.token.modality',
  toolName: 'gen_ai.tool.name',
  toolCallId: 'gen_ai.tool.call.id',
  errorType: 'error.type',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  /** These hold what people, models and tools say: only where `contentWanted` says so. */
  inputMessages: 'gen_ai.input.messages',
  outputMessages: 'gen_ai.output.messages',
  systemInstructions: 'gen_ai.system_instructions',
  toolCallArguments: 'gen_ai.tool.call.arguments',
  toolCallResult: 'gen_ai.tool.call.result',
} as const

const { operationName, providerName, requestModel, tokenModality, errorType } = genAiAttributes
const ofCall = [operationName, providerName, requestModel] as const

const secondsDoubling = Array.from({ length: 14 }, (_, step) => 0.01 * 2 ** step)
const tokensByFour = Array.from({ length: 14 }, (_, step) => 4 ** step)

export const genAiMetrics = {
  duration: {
    kind: 'histogram',
    name: 'gen_ai.client.inference.duration',
    unit: 's',
    description: 'From the call of a model to the end of its answer, or to its failure',
    attributes: [...ofCall, errorType],
    buckets: secondsDoubling,
  },
  timeToFirstChunk: {
    kind: 'histogram',
    name: 'gen_ai.client.inference.time_to_first_chunk',
    unit: 's',
    description: 'From the call of a model to the first piece of its answer',
    attributes: ofCall,
    buckets: secondsDoubling,
  },
  timePerOutputChunk: {
    kind: 'histogram',
    name: 'gen_ai.client.inference.time_per_output_chunk',
    unit: 's',
    description: 'Between two pieces of one answer (one pause in 16 is measured)',
    attributes: ofCall,
    buckets: secondsDoubling,
  },
  inputTokens: {
    kind: 'counter',
    name: 'gen_ai.client.inference.usage.input_tokens',
    unit: '{token}',
    description: 'Tokens that were sent, those from a cache among them',
    attributes: [...ofCall, tokenModality],
  },
  outputTokens: {
    kind: 'counter',
    name: 'gen_ai.client.inference.usage.output_tokens',
    unit: '{token}',
    description: 'Tokens that were answered, those of reasoning among them',
    attributes: [...ofCall, tokenModality],
  },
  cacheReadInputTokens: {
    kind: 'counter',
    name: 'gen_ai.client.inference.usage.cache_read.input_tokens',
    unit: '{token}',
    description: 'Those of the input tokens that the provider had in its cache',
    attributes: [...ofCall, tokenModality],
  },
  reasoningOutputTokens: {
    kind: 'counter',
    name: 'gen_ai.client.inference.usage.reasoning.output_tokens',
    unit: '{token}',
    description: 'Those of the output tokens that were reasoning',
    attributes: [...ofCall, tokenModality],
  },
  inputTokensPerCall: {
    kind: 'histogram',
    name: 'gen_ai.client.inference.operation.input_tokens',
    unit: '{token}',
    description: 'Input tokens of one call that did not fail: for percentiles, not for sums',
    attributes: ofCall,
    buckets: tokensByFour,
  },
  outputTokensPerCall: {
    kind: 'histogram',
    name: 'gen_ai.client.inference.operation.output_tokens',
    unit: '{token}',
    description: 'Output tokens of one call that did not fail: for percentiles, not for sums',
    attributes: ofCall,
    buckets: tokensByFour,
  },
} as const satisfies Record<string, MetricDefinition>
