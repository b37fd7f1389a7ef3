import { genAiMetrics } from './gen-ai.ts'
import {
  busMetrics,
  gatewayMetrics,
  persistenceMetrics,
  processMetrics,
  routeMetrics,
  runMetrics,
  toolMetrics,
} from './names.ts'

/** Every metric there is, by the service that records it. An instrument of any other does not compile. */
export const metricsOf = {
  gateway: gatewayMetrics,
  'agent-orchestrator': { ...toolMetrics, fenced: busMetrics.fenced },
  'llm-proxy': { ...genAiMetrics, ...routeMetrics, ...runMetrics, ...busMetrics },
  persistence: persistenceMetrics,
  'every service': processMetrics,
} as const

type ValuesOf<Group> = Group[keyof Group]

type KnownMetric = {
  [Service in keyof typeof metricsOf]: ValuesOf<(typeof metricsOf)[Service]>
}[keyof typeof metricsOf]

/** The metrics of one kind. */
export type MetricOf<Kind extends KnownMetric['kind']> = Extract<KnownMetric, { kind: Kind }>
