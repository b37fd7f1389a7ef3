import { errorFields } from '../ai-sdk/error-fields.ts'
import type { RefusalCode } from '../ai-sdk/refusal-code.ts'
import { openAiRefusalCode } from './openai-refusals.ts'

/** As OpenAI; its own content filter answers 400, with the reason in an inner error. */
export const azureRefusalCode: RefusalCode = (status, body) =>
  /\bResponsibleAIPolicyViolation\b/.test(errorFields(body).codes)
    ? 'provider_content_filtered'
    : openAiRefusalCode(status, body)
