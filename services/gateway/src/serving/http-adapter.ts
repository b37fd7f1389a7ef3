import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { newId } from '@spool/events'
import type { Logger } from '@spool/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems/problem.ts'
import { sendProblem } from '../problems/send-problem.ts'

const MAX_BODY_BYTES = 1024 * 1024
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** Fastify with our limits. What goes wrong before a route is reached is answered like everything else. */
export class HttpAdapter extends FastifyAdapter {
  constructor(private readonly problems: Logger) {
    super({
      bodyLimit: MAX_BODY_BYTES,
      exposeHeadRoutes: false,
      requestIdHeader: false,
      genReqId: requestIdOf,
      // Idle connections only: what is being answered may finish.
      forceCloseConnections: 'idle',
      // Longer than any id that is valid, so that one that is not is told so.
      routerOptions: { maxParamLength: 8192 },
      frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
        sendProblem(error, request, reply, problems),
      clientErrorHandler: answerUnreadable,
    })
  }

  // Nest's own handler would leave nothing of Fastify's error codes.
  override setErrorHandler() {
    return this.instance.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, this.problems))
  }

  override setNotFoundHandler() {
    return this.instance.setNotFoundHandler((request, reply) =>
      sendProblem(new Problem(404, 'not_found', 'There is nothing at this address.'), request, reply, this.problems),
    )
  }
}

/** A sane one of the client's, so that its logs and ours can be laid side by side. */
function requestIdOf(request: { headers: IncomingMessage['headers'] }): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId()
}

/** Bytes that are no HTTP request never become one. */
function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy(error)
    return
  }
  const tooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const problem = tooLarge
    ? new Problem(431, 'headers_too_large', 'The headers are too large.')
    : new Problem(400, 'malformed_request', 'This is not an HTTP request.')
  const body = JSON.stringify(problem.document(newId()))
  socket.end(
    `HTTP/1.1 ${problem.status} ${tooLarge ? 'Request Header Fields Too Large' : 'Bad Request'}\r\n` +
      `content-type: application/problem+json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n` +
      `connection: close\r\n\r\n${body}`,
  )
}
