/**
 * Instruments that may be declared at the top of a module. The metrics API, other than the tracing API, hands out a
 * silent meter for good to whoever asks before start-up; so these look at the first value, not when declared.
 */
import { metrics, trace, type Attributes, type Meter, type MeterProvider, type Tracer } from '@opentelemetry/api'
import type { MetricDefinition } from './metric-definition.ts'

const scope = 'spool'

export const tracer = (name = scope): Tracer => trace.getTracer(name)

export const meter = (name = scope): Meter => metrics.getMeter(name)

export interface Counter {
  add(value: number, attributes?: Attributes): void
}

export interface Histogram {
  record(value: number, attributes?: Attributes): void
}

/** Counts what only grows. */
export function counter(definition: MetricDefinition): Counter {
  const current = perProvider(() => meter().createCounter(definition.name, definition))
  return { add: (value, given) => current().add(value, given) }
}

/** Counts what comes and goes, e.g. open connections. */
export function upDownCounter(definition: MetricDefinition): Counter {
  const current = perProvider(() => meter().createUpDownCounter(definition.name, definition))
  return { add: (value, given) => current().add(value, given) }
}

export function histogram(definition: MetricDefinition): Histogram {
  const current = perProvider(() =>
    meter().createHistogram(definition.name, {
      ...definition,
      ...(definition.buckets && { advice: { explicitBucketBoundaries: definition.buckets } }),
    }),
  )
  return { record: (value, given) => current().record(value, given) }
}

/** A value that is looked up at each scrape. Call it after start-up. */
export function observedGauge(definition: MetricDefinition, read: () => number): void {
  meter()
    .createObservableGauge(definition.name, definition)
    .addCallback((result) => result.observe(read()))
}

function perProvider<Instrument>(create: () => Instrument): () => Instrument {
  let createdFor: MeterProvider | undefined
  let instrument: Instrument | undefined
  return () => {
    const provider = metrics.getMeterProvider()
    if (instrument === undefined || provider !== createdFor) {
      instrument = create()
      createdFor = provider
    }
    return instrument
  }
}
