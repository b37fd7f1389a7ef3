import { codesOf, type DescribedApi, type DescribedOperation } from '../described/described-api.ts'
import type { RawAnswer } from './raw-answer.ts'
import type { RawRequest } from './raw-request.ts'

/** What is as it should not be about an answer, whatever the request was. */
export function faultsOfAnswer(
  api: DescribedApi,
  operation: DescribedOperation,
  request: RawRequest,
  answer: RawAnswer,
  /** Whether what is read is as it is described: scripts that play the store say less. */
  checksContent: boolean,
): string[] {
  const { status, headers, body, isWhole } = answer
  const faults: string[] = []
  const contentType = headers.get('content-type')
  if (status >= 500 && !(status === 503 && headers.has('retry-after'))) faults.push(`answered ${status}`)
  if (status === 429 && !headers.has('retry-after')) faults.push('429 without retry-after')
  if (headers.has('x-injected')) faults.push('a header was injected')
  const isEmpty = status === 204 || status === 304 || status === 101 || request.method === 'HEAD'
  if (isEmpty) return faults
  const text = body.toString()
  if (/node_modules|\.(ts|js|mjs):\d+|\n\s+at /.test(text) && contentType !== 'text/html; charset=utf-8')
    faults.push('shows its insides')
  if (status >= 400) return [...faults, ...problemFaults(api, operation, request, answer, text)]
  if (contentType === undefined) return [...faults, `${status} without a content-type`]
  if (!isWhole) {
    const isStream = contentType.startsWith('text/event-stream') || status === 101
    return isStream ? faults : [...faults, `${status} was cut off`]
  }
  if (checksContent && request.method === operation.method && isItsPath(operation, request)) {
    const isCompressed = headers.has('content-encoding')
    if (!isCompressed) faults.push(...api.faultsOf(operation, { status, contentType, text }))
  }
  return faults
}

function problemFaults(
  api: DescribedApi,
  operation: DescribedOperation,
  request: RawRequest,
  { status, headers }: RawAnswer,
  text: string,
): string[] {
  if (headers.get('content-type') !== 'application/problem+json; charset=utf-8') {
    // The one that says more than a problem.
    if (operation.id === 'readReadiness' && status === 503) return []
    return [`${status} of type ${headers.get('content-type')}: ${text.slice(0, 200)}`]
  }
  const problem = JSON.parse(text) as Record<string, unknown>
  const { code, detail, title, type } = problem
  if (problem['status'] !== status) return [`${status} says it is ${String(problem['status'])}`]
  if (typeof detail !== 'string' || detail === '') return [`${status} ${String(code)} without a detail`]
  if (typeof code !== 'string' || typeof title !== 'string' || typeof type !== 'string')
    return [`no problem: ${text.slice(0, 200)}`]
  if (request.method !== operation.method || !isItsPath(operation, request)) {
    const isKnown = api.operations.some((one) => codesOf(one, status).includes(code)) || code === 'not_found'
    return isKnown ? [] : [`${status} ${code} is not described anywhere`]
  }
  return codesOf(operation, status).includes(code) || code === 'not_found'
    ? []
    : [`${operation.id}: ${status} ${code} is not described: ${detail}`]
}

/** Whether a mutated request is still one of its operation. */
function isItsPath({ path }: DescribedOperation, { target }: RawRequest): boolean {
  const asked = target.split(/[?#]/)[0]!.split('/')
  const own = path.split('/')
  return (
    asked.length === own.length && own.every((segment, index) => segment.startsWith('{') || segment === asked[index])
  )
}
