import { errorFields } from '../ai-sdk/error-fields.ts'
import type { RefusalCode } from '../ai-sdk/refusal-code.ts'

/** Gemini says with 400 much that others have a status for; the details tell. */
export const googleRefusalCode: RefusalCode = (_status, body) => {
  const { codes, message } = errorFields(body)
  const details = JSON.stringify(detailsOf(body))
  // A wrong or expired key; a country or a plan for which the API is not open.
  if (/"API_KEY_INVALID"/.test(details) || /\bFAILED_PRECONDITION\b/.test(codes)) return 'provider_refused'
  if (tooLong.test(message)) return 'provider_context_too_long'
  if (!/\bRESOURCE_EXHAUSTED\b/.test(codes)) return undefined
  // What is counted per minute is there again soon.
  return /"quotaId":"[^"]*PerDay/.test(details) || /credits are depleted|\blimit: 0\b/.test(message)
    ? 'provider_quota_exhausted'
    : 'provider_rate_limited'
}

const tooLong = /token count.*(exceeds the maximum|only supports up to)|payload size exceeds the limit/is

/** `retryDelay: "17s"`, in the details of the body. */
export function googleWaitMs(body: unknown): number | undefined {
  const [, seconds] = /"retryDelay":"(\d+(?:\.\d+)?)s"/.exec(JSON.stringify(detailsOf(body))) ?? []
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000)
}

function detailsOf(body: unknown): unknown {
  const { error = body } = Object(body) as { error?: unknown }
  const { details = [] } = Object(error) as { details?: unknown }
  return details
}
