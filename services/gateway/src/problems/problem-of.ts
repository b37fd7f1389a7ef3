import { DialectRefusal } from '@spool/dialects'
import {
  ArchiveUnavailable,
  BlobStoreFull,
  BusUnavailable,
  CursorLost,
  LogBehind,
  LogFull,
  QueryRefused,
  QueueFull,
  SessionErased,
} from '@spool/log'
import { Problem } from './problem.ts'
import { busUnavailable, storeUnavailable, unavailable } from './known-problems.ts'

/** What a client is told about an error, whoever threw it. Unknown ones say nothing of themselves. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof DialectRefusal) return new Problem(error.status, error.code, error.message)
  if (error instanceof SessionErased) return new Problem(410, error.code, error.message)
  if (error instanceof QueueFull) {
    return new Problem(503, error.code, 'There is too much to do at the moment. Nothing was stored; try again later.', {
      retryAfter: 5,
      cause: error,
    })
  }
  if (error instanceof LogFull) {
    return new Problem(503, error.code, `${error.message} This request was not kept: send it again in a while.`, {
      retryAfter: 10,
      cause: error,
    })
  }
  if (error instanceof BlobStoreFull) {
    return new Problem(503, error.code, 'There is no room for files at the moment. Nothing was stored.', {
      retryAfter: 30,
      cause: error,
    })
  }
  if (error instanceof ArchiveUnavailable) return storeUnavailable(error)
  if (error instanceof BusUnavailable) return busUnavailable(error)
  if (error instanceof LogBehind) {
    return unavailable('The log has lost data and waits for its operator. Nothing is accepted until then.', error)
  }
  if (error instanceof CursorLost) {
    return new Problem(409, error.code, `${error.message}. Read the session again and go on from its cursor.`)
  }
  if (error instanceof QueryRefused) return ofRefusedQuery(error)
  return ofFramework(error) ?? internal(error)
}

function ofRefusedQuery(error: QueryRefused): Problem {
  if (error.code === 'behind') {
    return unavailable('The store has not caught up with what you have already seen. Try again in a moment.', error)
  }
  if (error.code === 'erased') return new Problem(410, 'session_erased', error.message)
  if (error.code === 'cursor_not_found' || error.code === 'not_requested') {
    return new Problem(404, error.code, error.message)
  }
  if (error.code === 'bad_query') return new Problem(400, 'invalid_query', error.message)
  return internal(error)
}

/** Codes of Fastify, in our words. */
const FRAMEWORK: Readonly<Record<string, (error: Error) => Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () =>
    new Problem(
      413,
      'body_too_large',
      'The body is larger than what this call takes: 1 MiB, a file 10 MiB. Send files by themselves, with POST /v1/blobs.',
    ),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () =>
    new Problem(415, 'unsupported_media_type', 'Send the body as JSON, with `content-type: application/json`.'),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    new Problem(400, 'malformed_request', 'The body is not as long as its content-length says.'),
  FST_ERR_BAD_URL: () => new Problem(400, 'malformed_url', 'The path is not a valid URL.'),
  FST_ERR_MAX_PARAM_LENGTH: () => new Problem(400, 'invalid_id', 'An id in the path is too long.'),
}

/** Classes of the NATS client, by name: the bus did not answer. */
const BUS_TROUBLE: ReadonlySet<string> = new Set([
  'TimeoutError',
  'RequestError',
  'NoRespondersError',
  'ConnectionError',
  'ClosedConnectionError',
  'DrainingConnectionError',
  'JetStreamApiError',
  'JetStreamNotEnabled',
  'JetStreamTimeoutError',
])

function ofFramework(error: unknown): Problem | undefined {
  if (!(error instanceof Error)) return undefined
  if (BUS_TROUBLE.has(error.name)) return busUnavailable(error)
  const code = 'code' in error ? String(error.code) : ''
  const known = FRAMEWORK[code]
  if (known !== undefined) return known(error)
  const status = statusOf(error)
  if (status === 404) return new Problem(404, 'not_found', 'There is nothing at this address.')
  if (status >= 400 && status < 500) {
    return new Problem(status, 'malformed_request', 'The request cannot be understood.', { cause: error })
  }
  return undefined
}

function statusOf(error: Error): number {
  if ('getStatus' in error && typeof error.getStatus === 'function') return Number(error.getStatus())
  return 'statusCode' in error ? Number(error.statusCode) : 0
}

function internal(cause: unknown): Problem {
  return new Problem(500, 'internal', 'Something went wrong on our side. The log has the details.', { cause })
}
