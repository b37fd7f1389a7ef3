import { context, propagation } from '@opentelemetry/api'

/** The `traceparent` of the span that is active here, for an event's or a job's header. */
export function currentTrace(): string | undefined {
  const carrier: Record<string, string> = {}
  propagation.inject(context.active(), carrier)
  return carrier['traceparent']
}

/** Runs `work` as a part of the trace that a header named. */
export function inTrace<T>(traceparent: string | undefined, work: () => T): T {
  if (traceparent === undefined) return work()
  return context.with(propagation.extract(context.active(), { traceparent }), work)
}
