import type { Logger } from '@spool/telemetry'
import type { FastifyInstance } from 'fastify'
import type { Admission } from '../admitting/admission.ts'
import { discardBody } from '../problems/discard-body.ts'
import type { Cors } from './cors.ts'
import type { Draining } from './draining.ts'

/** What every request passes: a request id, the question who asks, a line in the log. */
export function addHooks(
  http: FastifyInstance,
  admission: Admission,
  cors: Cors,
  draining: Draining,
  logger: Logger,
): void {
  http.decorateRequest('tenant', '')
  http.decorateRequest('caller')
  http.decorateRequest('problem', undefined)
  http.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    const preflight = cors.preflight(request.method, request.headers)
    if (preflight !== undefined) {
      void reply.code(204).headers(preflight).send()
      return
    }
    reply.headers(cors.headersFor(request.headers))
    try {
      const admitted = admission.admit(request, reply)
      if (admitted === undefined) done()
      else admitted.then(() => done(), done)
    } catch (error) {
      done(error as Error)
    }
  })
  // A GET has no body. One that is sent all the same and left unread would have the connection reset under the answer.
  http.addHook('preHandler', async ({ body, headers, raw }) => {
    const isSent = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
    if (isSent && body === undefined && !raw.complete) await discardBody(raw)
  })
  http.addHook('onSend', (_request, reply, payload, done) => {
    // A connection that is kept alive would keep the server from ending.
    if (draining.begun) reply.header('connection', 'close')
    done(null, payload)
  })
  http.addHook('onResponse', (request, reply, done) => {
    const { url: route } = request.routeOptions
    const level = reply.statusCode >= 500 ? 'warn' : 'debug'
    const ms = Math.round(reply.elapsedTime)
    // Never the query string: it may hold a ticket.
    const { id, method, problem } = request
    logger[level]({ request_id: id, method, route, status: reply.statusCode, code: problem, ms }, 'Answered')
    done()
  })
}
