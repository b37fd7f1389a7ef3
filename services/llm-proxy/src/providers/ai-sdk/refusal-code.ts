import type { ProviderErrorCode } from '../provider-error.ts'
import { errorFields } from './error-fields.ts'

/** How one provider says no, where it goes beyond its status. Undefined: the rules that hold for all decide. */
export type RefusalCode = (status: number | undefined, body: unknown) => ProviderErrorCode | undefined

/** What holds for all providers. Undefined for a report in mid-stream that says nothing we know. */
export const refusalCode: RefusalCode = (status, body) => {
  if (status !== undefined) return codeOfStatus(status)
  const { codes } = errorFields(body)
  const [numeric] = /\b[45]\d\d\b/.exec(codes) ?? []
  if (numeric !== undefined) return codeOfStatus(Number(numeric))
  return namedErrors.find(([name]) => name.test(codes))?.[1]
}

function codeOfStatus(status: number): ProviderErrorCode {
  if (status === 401 || status === 403) return 'provider_refused'
  if (status === 402) return 'provider_quota_exhausted'
  if (status === 429) return 'provider_rate_limited'
  if (status === 408 || status === 409 || status === 425 || status >= 500) return 'provider_unavailable'
  if (status === 413) return 'provider_context_too_long'
  // Redirects are not followed: what we ask for is not at this address.
  return status === 404 || status < 400 ? 'provider_unknown_model' : 'provider_bad_request'
}

const namedErrors: readonly (readonly [RegExp, ProviderErrorCode])[] = [
  [/rate_limit|too_many_requests/i, 'provider_rate_limited'],
  [/overloaded|server_error|internal_error|unavailable|timeout/i, 'provider_unavailable'],
  [/authentication|permission/i, 'provider_refused'],
  [/not_found/i, 'provider_unknown_model'],
  [/invalid_request|bad_request/i, 'provider_bad_request'],
]
