import { metrics } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { startMetricsServer, type Health } from './metrics-server.ts'
import { observeProcess } from './process-metrics.ts'
import { tracingWanted } from './tracing-wanted.ts'

export interface TelemetryOptions {
  service: string
  instance: string
  host?: string
  /** 0 or absent: any free port. */
  metricsPort?: number
  /** What /healthz answers; without it a process that runs is healthy. */
  health?: () => Promise<Health>
}

export interface Telemetry {
  /** Where /metrics and /healthz are served. */
  metricsPort: number
  /** Sends what is left and stops serving. Call it last. */
  shutdown(): Promise<void>
}

/** Metrics to be scraped, and traces where the standard OTEL_* variables name a receiver. Call it first in `main.ts`. */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { service, instance, host = '127.0.0.1', metricsPort = 0, health = alive } = options
  const resource = detectResources({ detectors: [envDetector] }).merge(
    resourceFromAttributes({ 'service.namespace': 'spool', 'service.name': service, 'service.instance.id': instance }),
  )
  const prometheus = new PrometheusExporter({ preventServerStart: true, withoutScopeInfo: true })
  const server = await startMetricsServer({
    host,
    port: metricsPort,
    health,
    metrics: (request, response) => prometheus.getMetricsRequestHandler(request, response),
  })
  const meterProvider = new MeterProvider({ resource, readers: [prometheus] })
  metrics.setGlobalMeterProvider(meterProvider)
  const stopObserving = observeProcess()
  const tracing = tracingWanted(process.env) ? (await import('./tracing.ts')).startTracing(resource) : undefined

  return {
    metricsPort: server.port,
    shutdown: async () => {
      stopObserving()
      // A receiver that is away must not keep the process from ending.
      await Promise.allSettled([tracing?.shutdown(), server.close()])
      await meterProvider.shutdown().catch(() => undefined)
      metrics.disable()
    },
  }
}

const alive = async (): Promise<Health> => ({ ok: true, detail: 'running' })
