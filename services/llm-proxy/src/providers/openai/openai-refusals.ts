import type { ProviderErrorCode } from '../provider-error.ts'
import { errorFields } from '../ai-sdk/error-fields.ts'
import type { RefusalCode } from '../ai-sdk/refusal-code.ts'

/** OpenAI names its errors by a code of their own; the status alone says too little. */
export const openAiRefusalCode: RefusalCode = (_status, body) => {
  const { codes, message } = errorFields(body)
  // Reported like a rate limit, but more than goes into a minute never will go into one.
  if (typeof body !== 'string' && /^request too large for /i.test(message)) return 'provider_context_too_long'
  return namedErrors.find(([name]) => name.test(codes))?.[1]
}

const namedErrors: readonly (readonly [RegExp, ProviderErrorCode])[] = [
  [
    /context_(length|window)_exceeded|\b(exceed_context_size|string_above_max_length|model_max_prompt_tokens_exceeded)/,
    'provider_context_too_long',
  ],
  // Reported with 429, like a rate limit, but waiting does not help.
  [/\b(insufficient_quota|billing_not_active|billing_hard_limit_reached)\b/, 'provider_quota_exhausted'],
  // `invalid_prompt`: flagged before the model saw it.
  [/content_policy_violation\b|\b(content_filter|invalid_prompt|moderation_blocked)\b/, 'provider_content_filtered'],
  // What becomes of an image is reported in mid-stream, without a status.
  [/\b(invalid|unsupported|empty)_(base64_)?image|\bimage_(too|parse|file|content)/, 'provider_bad_request'],
]
