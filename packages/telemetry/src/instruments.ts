/**
 * Instruments that may be declared at the top of a module. The metrics API, other than the tracing API, hands out a
 * silent meter for good to whoever asks before start-up; so these look at the first value, not when declared.
 */
import { metrics, trace, type AttributeValue, type Meter, type MeterProvider, type Tracer } from '@opentelemetry/api'
import type { MetricDefinition } from './metric-definition.ts'
import type { MetricOf } from './metrics-of.ts'

const scope = 'spool'

export const tracer = (name = scope): Tracer => trace.getTracer(name)

/** The attributes that a metric is declared with. */
export type AttributesOf<Metric extends MetricDefinition> = [Metric['attributes'][number]] extends [never]
  ? { readonly [name: string]: never }
  : { readonly [Name in Metric['attributes'][number]]?: AttributeValue }

export interface Counter<Metric extends MetricDefinition = MetricDefinition> {
  add(value: number, attributes?: AttributesOf<Metric>): void
}

export interface Histogram<Metric extends MetricDefinition = MetricDefinition> {
  record(value: number, attributes?: AttributesOf<Metric>): void
}

export interface Observation<Metric extends MetricDefinition> {
  readonly value: number
  readonly attributes?: AttributesOf<Metric>
}

/** Counts what only grows. */
export function counter<Metric extends MetricOf<'counter'>>(definition: Metric): Counter<Metric> {
  const current = perProvider(() => meter().createCounter(definition.name, shown(definition)))
  return { add: (value, given) => current().add(value, given) }
}

/** Counts what comes and goes, e.g. open connections. */
export function upDownCounter<Metric extends MetricOf<'upDownCounter'>>(definition: Metric): Counter<Metric> {
  const current = perProvider(() => meter().createUpDownCounter(definition.name, shown(definition)))
  return { add: (value, given) => current().add(value, given) }
}

export function histogram<Metric extends MetricOf<'histogram'>>(definition: Metric): Histogram<Metric> {
  const advice = { explicitBucketBoundaries: [...definition.buckets] }
  const current = perProvider(() => meter().createHistogram(definition.name, { ...shown(definition), advice }))
  return { record: (value, given) => current().record(value, given) }
}

/** A value, or several with their attributes, that is looked up at each scrape. Call it after start-up. */
export function observedGauge<Metric extends MetricOf<'gauge'>>(
  definition: Metric,
  read: () => number | Iterable<Observation<NoInfer<Metric>>>,
): void {
  meter()
    .createObservableGauge(definition.name, shown(definition))
    .addCallback((result) => {
      const found = read()
      if (typeof found === 'number') return result.observe(found)
      for (const { value, attributes } of found) result.observe(value, attributes)
    })
}

/** What only grows and is counted elsewhere, looked up at each scrape. Call it after start-up. */
export function observedCounter(definition: MetricOf<'observed'>, read: () => number): void {
  meter()
    .createObservableCounter(definition.name, shown(definition))
    .addCallback((result) => result.observe(read()))
}

const meter = (): Meter => metrics.getMeter(scope)

const shown = ({ unit, description }: MetricDefinition) => ({ unit, description })

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
