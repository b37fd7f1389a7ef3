export { createLogger, type Logger, type LoggerOptions } from './create-logger.ts'
export { genAiAttributes, genAiMetrics } from './gen-ai.ts'
export { contentWanted } from './content-wanted.ts'
export { counter, histogram, observedCounter, observedGauge, tracer, upDownCounter } from './instruments.ts'
export type { Counter, Histogram } from './instruments.ts'
export { markFailed } from './mark-failed.ts'
export type { MetricDefinition } from './metric-definition.ts'
export { metricsOf } from './metrics-of.ts'
export { MetricsPortUnavailable } from './metrics-port-unavailable.ts'
export type { Health } from './metrics-server.ts'
export {
  attributes,
  busMetrics,
  gatewayMetrics,
  persistenceMetrics,
  processMetrics,
  routeMetrics,
  runMetrics,
  toolMetrics,
} from './names.ts'
export { nestLogger, type FrameworkLogger } from './nest-logger.ts'
export { hideSecrets } from './secrets.ts'
export { startTelemetry, type Telemetry, type TelemetryOptions } from './start-telemetry.ts'
export { runService, type CommonSettings, type RunningService, type StartService } from './run-service.ts'
