import type { MetricDefinition } from '../../packages/telemetry/src/metric-definition.ts'
import { metricsOf } from '../../packages/telemetry/src/metrics-of.ts'

const shownKinds: Record<MetricDefinition['kind'], string> = {
  counter: 'counter',
  observed: 'counter',
  upDownCounter: 'up and down',
  histogram: 'histogram',
  gauge: 'gauge',
}

/** A row for each metric that a service records. */
export function metricRows(): string[] {
  return Object.entries(metricsOf).flatMap(([service, metrics]) =>
    Object.values(metrics).map((metric: MetricDefinition) => {
      const { kind, name, unit, attributes, description } = metric
      const named = attributes.map((attribute) => `\`${attribute}\``).join(', ')
      return `| \`${name}\` | ${service} | ${shownKinds[kind]} | \`${unit}\` | ${named} | ${description} |`
    }),
  )
}
