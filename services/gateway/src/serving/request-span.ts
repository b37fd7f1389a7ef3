import { SpanKind, SpanStatusCode } from '@opentelemetry/api'
import { inTrace } from '@spool/log'
import { tracer } from '@spool/telemetry'
import type { FastifyRequest } from 'fastify'
import { headerOf } from './request.ts'

/**
 * One span per request, named by its route. A stream's span ends when the stream is attached: what follows may last
 * for days and is counted, not traced.
 */
export function inRequestSpan<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
  const name = `${request.method} ${request.routeOptions.url ?? ''}`
  return inTrace(headerOf(request, 'traceparent'), () =>
    tracer().startActiveSpan(name, { kind: SpanKind.SERVER }, async (span) => {
      try {
        return await work()
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR })
        throw error
      } finally {
        span.end()
      }
    }),
  )
}
