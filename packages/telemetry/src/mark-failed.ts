import { type Span, SpanStatusCode } from '@opentelemetry/api'
import { attributes } from './names.ts'

/** Says of a span that it failed, and how, by a code or a class. Not in the error's own words: these may quote people. */
export function markFailed(span: Span, error: unknown): void {
  const type = typeOf(error)
  span.setAttribute(attributes.errorType, type)
  span.setStatus({ code: SpanStatusCode.ERROR, message: type })
}

function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
