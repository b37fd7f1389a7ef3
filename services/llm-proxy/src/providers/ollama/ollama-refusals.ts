import { errorFields } from '../ai-sdk/error-fields.ts'
import type { RefusalCode } from '../ai-sdk/refusal-code.ts'

/** Ollama names no error; one in the middle of an answer is only a text. */
export const ollamaRefusalCode: RefusalCode = (status, body) => {
  if (tooLong.test(errorFields(body).message)) return 'provider_context_too_long'
  return status === undefined ? 'provider_unavailable' : undefined
}

const tooLong = /context (length|size|window)|prompt (is )?too long/i
