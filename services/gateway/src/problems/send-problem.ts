import type { Logger } from '@spool/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { discardBody } from './discard-body.ts'
import { problemOf } from './problem-of.ts'

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const problem = problemOf(error)
  if (problem.status === 500) logger.error({ err: problem.cause, request_id: request.id }, 'A request failed')
  if (reply.sent) {
    // The answer has begun: all that is left is to break it off, so that nobody takes it for whole.
    reply.raw.destroy()
    return
  }
  request.problem = problem.code
  // Fastify closes after every body that it could not parse.
  reply.removeHeader('connection')
  const send = () =>
    reply
      .code(problem.status)
      .headers({ 'x-request-id': request.id, ...problem.headers })
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem.document(request.id)))
  if (request.raw.complete) void send()
  else void discardBody(request.raw).then(send)
}
