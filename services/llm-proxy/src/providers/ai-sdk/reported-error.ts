import { APICallError, TypeValidationError } from '@ai-sdk/provider'
import { isProviderStreamError } from '@ai-sdk/provider-utils'

/** What a provider says of an error: in the body of its answer, or in the middle of a stream. */
export interface ReportedError {
  /** Undefined in the middle of a stream, where only the body tells. */
  readonly status: number | undefined
  /** Parsed where it is JSON, else its text. Not to be trusted: it may repeat the prompt, or the key. */
  readonly body: unknown
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

/** Undefined for an error that no provider reported: a connection that broke, an answer that is none. */
export function reportedError(error: unknown): ReportedError | undefined {
  if (APICallError.isInstance(error)) {
    const { statusCode: status, responseBody, data, responseHeaders: headers = {} } = error
    // A body that breaks off is an error with the status 200 of its head.
    if (status === undefined || status < 300) return undefined
    return { status, body: responseBody === undefined ? data : parsed(responseBody), headers }
  }
  if (isProviderStreamError(error)) return inStream(error.data)
  // A frame that is no part of an answer: some servers report errors in a form that the SDK does not know.
  if (TypeValidationError.isInstance(error)) return isReport(error.value) ? inStream(error.value) : undefined
  return typeof error === 'string' || (typeof error === 'object' && !(error instanceof Error))
    ? inStream(error)
    : undefined
}

const inStream = (body: unknown): ReportedError => ({ status: undefined, body, headers: {} })

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function isReport(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('error' in value || Object(value).object === 'error')
}
