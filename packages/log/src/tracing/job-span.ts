import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import type { Delivery, Settlement } from '../queues/delivery.ts'
import { Header } from '../stored-event.ts'
import { inTrace } from './trace-parent.ts'

/** One span per job, a part of the trace in which the job was asked for. */
export function inJobSpan(queue: string, delivery: Delivery, work: () => Promise<Settlement>): Promise<Settlement> {
  const attributes = {
    'messaging.system': 'nats',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': queue,
    'spool.deliveries': delivery.deliveries,
  }
  return inTrace(delivery.header(Header.trace), () =>
    trace
      .getTracer('spool')
      .startActiveSpan(`process ${queue}`, { kind: SpanKind.CONSUMER, attributes }, async (span) => {
        try {
          const settlement = await work()
          span.setAttribute('spool.settlement', settlement.kind)
          return settlement
        } catch (error) {
          // Not in the error's own words: they may quote people.
          const type = typeOf(error)
          span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR, message: type })
          throw error
        } finally {
          span.end()
        }
      }),
  )
}

function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
