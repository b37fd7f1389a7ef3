import type { Usage } from '@spool/events'

/** Stable: they stand in events and metrics. */
export type ProviderErrorCode =
  /** 401, 403: the key is missing, wrong, or may not use this model. */
  | 'provider_refused'
  | 'provider_rate_limited'
  /** The account has no credit left: waiting does not help, another route may. */
  | 'provider_quota_exhausted'
  /** No connection: refused, no such host, reset before the answer began. */
  | 'provider_unreachable'
  /** 408, 409, 5xx: it answered that it cannot answer now. */
  | 'provider_unavailable'
  /** The first token did not come in time. */
  | 'provider_timed_out'
  /** The answer stopped coming. */
  | 'provider_stalled'
  /** The answer was cut off or is not what the protocol says. */
  | 'provider_broken'
  | 'provider_unknown_model'
  | 'provider_context_too_long'
  /** It has no form for something in the conversation, such as a file by its address; another may. */
  | 'provider_unsupported'
  | 'provider_content_filtered'
  | 'provider_bad_request'
  /** What the model was to be sent is no longer there: no provider was asked. */
  | 'request_lost'

const retryableCodes: readonly ProviderErrorCode[] = [
  'provider_rate_limited',
  'provider_unreachable',
  'provider_unavailable',
  'provider_timed_out',
  'provider_stalled',
  'provider_broken',
]

/** The same call may succeed later. */
export const isRetryable = (code: string): boolean => retryableCodes.some((candidate) => candidate === code)

export interface ProviderErrorOptions extends ErrorOptions {
  retryAfterMs?: number
  usage?: Usage
}

/**
 * A call to a model failed. The message is for people, says what to do, and holds no secret. `cause` never is the
 * SDK's own error: that one carries the whole prompt.
 */
export class ProviderError extends Error {
  readonly code: ProviderErrorCode
  /** The same call may succeed later. */
  readonly retryable: boolean
  /** How long the provider asks to be left alone. */
  readonly retryAfterMs?: number
  /** What the call has cost all the same, where the provider says so. */
  readonly usage?: Usage

  constructor(code: ProviderErrorCode, message: string, options: ProviderErrorOptions = {}) {
    super(message, options)
    this.name = 'ProviderError'
    this.code = code
    this.retryable = isRetryable(code)
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs
    if (options.usage !== undefined) this.usage = options.usage
  }
}

export const providerErrorCodes: readonly ProviderErrorCode[] = [
  ...retryableCodes,
  'provider_refused',
  'provider_quota_exhausted',
  'provider_unknown_model',
  'provider_context_too_long',
  'provider_unsupported',
  'provider_content_filtered',
  'provider_bad_request',
  'request_lost',
]
