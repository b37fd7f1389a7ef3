/**
 * From the SDK's errors to ours. Nothing of a provider's own wording is passed on unless it is an answer to what the
 * user sent (400 and the like), and then without anything that looks like a key.
 */
import { APICallError } from '@ai-sdk/provider'
import { hideSecrets } from '@spool/telemetry'
import { ProviderError, type ProviderErrorCode } from '../provider-error.ts'
import { retryAfterMs } from './retry-after.ts'

export interface ErrorContext {
  provider: string
  model: string
  /** Where the key comes from, to tell the operator. */
  keyVariable: string
  /** Never let into a text. */
  secrets: readonly string[]
  /** Part of the answer is there already. */
  answering: boolean
}

export function classifyError(error: unknown, context: ErrorContext): ProviderError {
  if (error instanceof ProviderError) return error
  if (APICallError.isInstance(error)) {
    const { statusCode, cause } = error
    if (cause instanceof ProviderError) return cause
    // A body that breaks off is reported with the status 200 of its head.
    if (statusCode !== undefined && statusCode >= 300) return refusal(error, statusCode, context)
    return context.answering || statusCode !== undefined ? cutOff(context, cause) : unreachable(context, cause)
  }
  if (error instanceof TypeError) return context.answering ? cutOff(context, error) : unreachable(context, error)
  // In the middle of the stream a provider can only say what is wrong, without a status.
  const inStream = errorFields(error)
  if (inStream) return inStreamError(inStream, context)
  return broken(context)
}

function refusal(error: APICallError, status: number, context: ErrorContext): ProviderError {
  const { provider, model, keyVariable } = context
  const code = refusalCode(status, `${errorFields(error.data)?.code ?? ''}`)
  const said = quoted(error.message, context)
  const texts: Partial<Record<ProviderErrorCode, string>> = {
    provider_refused: `${provider} does not accept the key for ${model} (${status}). Check ${keyVariable}.`,
    provider_rate_limited: `${provider} takes no more requests for ${model} right now (429). Try again later.`,
    provider_unavailable: `${provider} cannot answer right now (${status}). Try again later.`,
    provider_unknown_model: `${provider} does not know the model ${model} (404). Check its name and the base URL.`,
    provider_context_too_long: `The conversation is too long for ${model}. Begin a new one, or choose a model that takes more.`,
    provider_content_filtered: `${provider} refuses this content. Put it differently.${said}`,
    provider_bad_request: `${provider} cannot use this request for ${model} (${status}).${said}`,
  }
  const waitMs = retryAfterMs(error.responseHeaders ?? {})
  return new ProviderError(code, texts[code] ?? '', waitMs === undefined ? {} : { retryAfterMs: waitMs })
}

function refusalCode(status: number, reported: string): ProviderErrorCode {
  if (status === 401 || status === 403) return 'provider_refused'
  if (status === 429) return 'provider_rate_limited'
  if (status === 408 || status === 409 || status >= 500) return 'provider_unavailable'
  if (reported === 'context_length_exceeded' || status === 413) return 'provider_context_too_long'
  if (reported === 'content_filter') return 'provider_content_filtered'
  return status === 404 ? 'provider_unknown_model' : 'provider_bad_request'
}

function inStreamError({ code, type }: ReportedError, context: ErrorContext): ProviderError {
  const reported = `${code ?? ''} ${type ?? ''}`
  if (/\b429\b|rate_limit/.test(reported)) {
    return new ProviderError(
      'provider_rate_limited',
      `${context.provider} takes no more requests right now. Try again later.`,
    )
  }
  if (/context_length_exceeded/.test(reported)) {
    return new ProviderError(
      'provider_context_too_long',
      `The conversation is too long for ${context.model}. Begin a new one.`,
    )
  }
  if (/\b5\d\d\b|overloaded|server_error/.test(reported)) {
    return new ProviderError('provider_unavailable', `${context.provider} gave up on this answer. Try again later.`)
  }
  return broken(context)
}

function unreachable({ provider }: ErrorContext, cause: unknown): ProviderError {
  return new ProviderError(
    'provider_unreachable',
    `${provider} cannot be reached. Check the base URL and the network.`,
    { cause },
  )
}

function cutOff({ provider }: ErrorContext, cause: unknown): ProviderError {
  return new ProviderError('provider_broken', `The connection to ${provider} broke in the middle of the answer.`, {
    cause,
  })
}

function broken({ provider }: ErrorContext): ProviderError {
  return new ProviderError(
    'provider_broken',
    `${provider} sent something that is not an answer, or stopped before its end.`,
  )
}

interface ReportedError {
  code?: unknown
  type?: unknown
}

/** `{error: {code}}` as in a body, or `{code}` as the SDK hands on what came in a stream. */
function errorFields(value: unknown): ReportedError | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Error) return undefined
  return 'error' in value ? errorFields(value.error) : value
}

const longestQuote = 300

function quoted(message: string, { secrets }: ErrorContext): string {
  const clean = secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), hideSecrets(message)).trim()
  if (clean === '') return ''
  return ` It says: ${clean.length > longestQuote ? `${clean.slice(0, longestQuote).toWellFormed()}…` : clean}`
}
