import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { newId } from '@spool/events'
import { Problem } from '../problems/problem.ts'

/** How long a client may take to read why it is refused. */
const LAST_WORDS_MS = 2000

/** Bytes that are no HTTP request never become one, and neither does a request that does not come to its end. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  // What came behind it. Closed now, the connection would be reset before its client has read what it was told.
  if (socket.writableEnded) return
  if (!socket.writable || error.code === 'ECONNRESET' || isAnswering(socket)) {
    socket.destroy(error)
    return
  }
  const problem = problemOf(error.code)
  const body = JSON.stringify(problem.document(newId()))
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\n` +
      `content-type: application/problem+json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
  )
  setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref()
}

/** Whatever is written now would be read as part of the answer that has begun. Node itself looks there, too. */
function isAnswering(socket: Socket): boolean {
  const answer = Reflect.get(socket, '_httpMessage') as ServerResponse | null | undefined
  return answer?.headersSent === true
}

function problemOf(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem(431, 'headers_too_large', 'The headers are too large.')
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem(408, 'request_timeout', 'The request did not come to its end in time. Send it again.')
    default:
      return new Problem(400, 'malformed_request', 'This is not an HTTP request.')
  }
}
