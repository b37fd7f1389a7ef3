import { errorFields } from '../ai-sdk/error-fields.ts'
import type { RefusalCode } from '../ai-sdk/refusal-code.ts'

/**
 * Most of what Anthropic refuses is an `invalid_request_error`, and only its text says what about it is invalid. One
 * that is about none of this stays a bad request: so does that of a model that takes no beginning of its answer.
 */
export const anthropicRefusalCode: RefusalCode = (_status, body) => {
  const { codes, message } = errorFields(body)
  if (/\bapi_error\b/.test(codes)) return 'provider_unavailable'
  if (/\bbilling_error\b/.test(codes)) return 'provider_quota_exhausted'
  if (/\brequest_too_large\b/.test(codes)) return 'provider_context_too_long'
  if (!/\binvalid_request_error\b/.test(codes)) return undefined
  if (tooLong.test(message)) return 'provider_context_too_long'
  if (noCredit.test(message)) return 'provider_quota_exhausted'
  if (/content filtering policy/i.test(message)) return 'provider_content_filtered'
  return undefined
}

const tooLong = /prompt is too long|exceed(s|ed)? (the )?context (limit|window)/i
const noCredit = /credit balance is too low|reached your specified (API )?usage limits/i
