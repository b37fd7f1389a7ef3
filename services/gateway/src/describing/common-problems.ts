import type { Operation } from './operation.ts'

type Codes = Record<number, readonly string[]>

/** What can go wrong because of the key, the ids, the query, the body or the server, whatever the call is. */
export function problemsOf(operation: Operation, pathParameters: readonly string[]): Codes {
  const all: Codes[] = [
    {
      400: ['malformed_request', 'malformed_url'],
      408: ['request_timeout'],
      431: ['headers_too_large'],
      500: ['internal'],
      503: ['unavailable'],
    },
    operation.problems ?? {},
  ]
  if (operation.open !== true) {
    all.push({
      401: ['missing_key', 'invalid_key', 'invalid_token', 'invalid_ticket'],
      403: ['forbidden'],
      429: ['too_many_requests'],
      503: ['shutting_down'],
    })
  }
  if (pathParameters.length > 0) all.push({ 400: ['invalid_id'] })
  // A parameter that there is not is refused, too.
  if (operation.open !== true) all.push({ 400: ['invalid_query'] })
  // A body is read where none is expected, too.
  all.push({ 413: ['body_too_large'], 415: ['unsupported_media_type'] })
  all.push({ 400: operation.body === undefined ? ['malformed_json'] : ['malformed_json', 'invalid_body'] })
  return merged(all)
}

function merged(all: readonly Codes[]): Codes {
  const codes: Record<number, Set<string>> = {}
  for (const some of all) {
    for (const [status, names] of Object.entries(some)) {
      const known = (codes[Number(status)] ??= new Set())
      for (const name of names) known.add(name)
    }
  }
  return Object.fromEntries(Object.entries(codes).map(([status, names]) => [status, [...names].toSorted()]))
}
