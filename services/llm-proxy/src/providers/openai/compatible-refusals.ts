import { errorFields } from '../ai-sdk/error-fields.ts'
import type { RefusalCode } from '../ai-sdk/refusal-code.ts'
import { openAiRefusalCode } from './openai-refusals.ts'

/**
 * Servers that speak OpenAI's API give their errors names of their own, or none: what cannot be told by a code is told
 * by what vLLM, llama.cpp, LM Studio, SGLang, TGI, LiteLLM, OpenRouter, Groq and others write.
 */
export const compatibleRefusalCode: RefusalCode = (status, body) => {
  const { message } = errorFields(body)
  // A page of some proxy in between may hold any words.
  if (typeof body === 'string') return undefined
  const isRefused = status === 402 || status === 403 || status === 429
  return (
    openAiRefusalCode(status, body) ??
    (status !== 401 && tooLong.test(message) ? 'provider_context_too_long' : undefined) ??
    (isRefused && noCredit.test(message) ? 'provider_quota_exhausted' : undefined) ??
    (status === 403 && /\b(moderation|flagged)\b/i.test(message) ? 'provider_content_filtered' : undefined)
  )
}

const tooLong = new RegExp(
  [
    'context.?(length|window|size)',
    'maximum (model|prompt|sequence) length',
    'prompt (is )?too long|too long to fit|input is too long|range of input length',
    'exceeds? .{0,40}maximum .{0,20}(input|context|tokens)',
    'token count .{0,40}exceeds|tokens .{0,40}cannot exceed|model token limit',
    'reduce the length of',
    'tokens to keep from the initial prompt|n_keep.{0,20}n_ctx',
    'inputs?` ?(tokens|must have less than)',
    'request too large',
  ].join('|'),
  'i',
)

const noCredit =
  /insufficient (credit|balance|fund)|exceeded your (current )?quota|out of credits|(add|purchase) .*credits/i
