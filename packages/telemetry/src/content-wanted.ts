type Environment = Readonly<Record<string, string | undefined>>

/** `true` is what most instrumentations take; the others are the values of the newer ones that mean spans. */
const switchedOn = new Set(['true', 'span_only', 'span_and_event'])

/**
 * Whether what people ask and models answer may stand in spans. Off unless somebody says otherwise: whoever reads the
 * traces then reads the conversations.
 */
export function contentWanted(env: Environment = process.env): boolean {
  return switchedOn.has(env['OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT']?.trim().toLowerCase() ?? '')
}
