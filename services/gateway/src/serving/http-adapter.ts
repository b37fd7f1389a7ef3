import type { IncomingMessage } from 'node:http'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { newId } from '@spool/events'
import type { Logger } from '@spool/telemetry'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems/problem.ts'
import { sendProblem } from '../problems/send-problem.ts'
import { mayUpgrade } from '../socketing/upgrades.ts'
import { answerUnreadable } from './answer-unreadable.ts'

const MAX_BODY_BYTES = 1024 * 1024
/** A request's line and headers are there at once, or somebody is playing for time. */
const HEADERS_TIMEOUT_MS = 20_000
const REQUEST_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** Fastify with our limits. What goes wrong before a route is reached is answered like everything else. */
export class HttpAdapter extends FastifyAdapter {
  constructor(
    private readonly problems: Logger,
    /** How long a client may take to send a request; how long it is answered for is no matter of it. */
    requestTimeoutMs: number,
  ) {
    super({
      bodyLimit: MAX_BODY_BYTES,
      requestTimeout: requestTimeoutMs,
      // How exactly: connections are looked at this often.
      http: {
        connectionsCheckingInterval: Math.min(5000, requestTimeoutMs / 4),
        shouldUpgradeCallback: mayUpgrade,
      },
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
    const { server } = this.instance
    server.headersTimeout = Math.min(HEADERS_TIMEOUT_MS, requestTimeoutMs)
    // An expectation that nobody knows is let be, as HTTP allows: a bare 417 would say nothing.
    server.on('checkExpectation', (request, response) => server.emit('request', request, response))
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
