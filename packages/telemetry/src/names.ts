/**
 * Every metric and attribute name of Spool's own: dashboards and alerts are checked against this file.
 * Attribute values come from small fixed sets. No session, run or user id, and no concrete subject: each new value
 * would be a time series of its own, kept for good.
 */
import { genAiAttributes } from './gen-ai.ts'
import type { MetricDefinition } from './metric-definition.ts'

export const attributes = {
  source: 'source',
  outcome: 'outcome',
  reason: 'reason',
  state: 'state',
  errorType: 'error.type',
  /** A model as it was asked for: an alias, or a provider's own name. */
  askedModel: 'spool.model',
  // On spans only.
  tenant: 'spool.tenant',
  session: 'spool.session',
  run: 'spool.run',
  message: 'spool.message',
  attempt: 'spool.attempt',
  purpose: 'spool.purpose',
  seq: 'spool.seq',
  messagingSystem: 'messaging.system',
  messagingOperationName: 'messaging.operation.name',
  messagingOperationType: 'messaging.operation.type',
  messagingDestination: 'messaging.destination.name',
  messagingMessageId: 'messaging.message.id',
  messagingBatchSize: 'messaging.batch.message_count',
} as const

const { source, outcome, reason, state, errorType, askedModel } = attributes
const ofRoute = [askedModel, genAiAttributes.providerName, genAiAttributes.requestModel] as const

const latencySeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const toolSeconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
const batchSizes = [1, 2, 5, 10, 25, 50, 100, 250, 500]

export const gatewayMetrics = {
  connections: {
    kind: 'upDownCounter',
    name: 'gateway.sse.connections',
    unit: '{connection}',
    description: 'Clients that are following right now',
    attributes: [],
  },
  resumes: {
    kind: 'counter',
    name: 'gateway.sse.resume',
    unit: '{resume}',
    description: 'Clients that came back with a cursor, by source of their history and outcome',
    attributes: [source, outcome],
  },
  dropped: {
    kind: 'counter',
    name: 'gateway.sse.dropped',
    unit: '{connection}',
    description: 'Clients the gateway let go, by reason',
    attributes: [reason],
  },
  deliveryLatency: {
    kind: 'histogram',
    name: 'token.delivery.latency',
    unit: 's',
    description: 'From an event\'s "at" to the write into the client\'s socket (one event in 64 is measured)',
    attributes: [],
    buckets: latencySeconds,
  },
} as const satisfies Record<string, MetricDefinition>

export const busMetrics = {
  fenced: {
    kind: 'counter',
    name: 'bus.publish.fenced',
    unit: '{append}',
    description: 'Appends refused because another writer had moved the session on',
    attributes: [],
  },
  ackDuration: {
    kind: 'histogram',
    name: 'bus.publish.ack.duration',
    unit: 's',
    description: 'From sending an append to its ack (one append in 64 is measured)',
    attributes: [],
    buckets: latencySeconds,
  },
} as const satisfies Record<string, MetricDefinition>

export const runMetrics = {
  attempts: {
    kind: 'counter',
    name: 'run.attempts',
    unit: '{attempt}',
    description: 'Attempts at an answer, by reason (first, retry, failover, takeover)',
    attributes: [reason],
  },
} as const satisfies Record<string, MetricDefinition>

export const routeMetrics = {
  state: {
    kind: 'gauge',
    name: 'spool.route.state',
    unit: '1',
    description: '1 for the state a way to a model is in (ok, left_out, probing), 0 for the others',
    attributes: [...ofRoute, state],
  },
  calls: {
    kind: 'gauge',
    name: 'spool.route.calls',
    unit: '{call}',
    description: 'Calls in progress',
    attributes: ofRoute,
  },
  waiting: {
    kind: 'gauge',
    name: 'spool.route.waiting',
    unit: '{call}',
    description: 'Calls that wait because the route has as many as it may have',
    attributes: ofRoute,
  },
  leftOut: {
    kind: 'counter',
    name: 'spool.route.left_out',
    unit: '{time}',
    description: 'How often a route was left out because it kept failing',
    attributes: ofRoute,
  },
  failures: {
    kind: 'counter',
    name: 'spool.route.failures',
    unit: '{failure}',
    description: 'Calls that failed, by what went wrong',
    attributes: [...ofRoute, errorType],
  },
} as const satisfies Record<string, MetricDefinition>

export const toolMetrics = {
  attempts: {
    kind: 'counter',
    name: 'spool.tool.attempts',
    unit: '{attempt}',
    description: 'Attempts at a call of a tool, by reason (first, takeover)',
    attributes: [genAiAttributes.toolName, reason],
  },
  duration: {
    kind: 'histogram',
    name: 'spool.tool.duration',
    unit: 's',
    description: 'How long such an attempt took, by outcome (completed, failed, timed_out, unknown, stopped)',
    attributes: [genAiAttributes.toolName, outcome],
    buckets: toolSeconds,
  },
} as const satisfies Record<string, MetricDefinition>

export const persistenceMetrics = {
  lag: {
    kind: 'gauge',
    name: 'persistence.lag.seconds',
    unit: 's',
    description: 'Age of the oldest event that is not in Postgres yet',
    attributes: [],
  },
  batchSize: {
    kind: 'histogram',
    name: 'persistence.batch.size',
    unit: '{event}',
    description: 'Events per transaction of the projection',
    attributes: [],
    buckets: batchSizes,
  },
  transactions: {
    kind: 'counter',
    name: 'persistence.transactions',
    unit: '{transaction}',
    description: 'Transactions of the projection',
    attributes: [],
  },
  events: {
    kind: 'counter',
    name: 'persistence.events',
    unit: '{event}',
    description: 'Events stored',
    attributes: [],
  },
  rejected: {
    kind: 'counter',
    name: 'persistence.rejected',
    unit: '{event}',
    description: 'Events that are kept but not folded (marked), or not kept because their session was erased (refused)',
    attributes: [reason],
  },
  diverged: {
    kind: 'gauge',
    name: 'persistence.log.diverged',
    unit: '{shard}',
    description: 'Shards that are not projected because the log is not the one that is stored: an alarm above 0',
    attributes: [],
  },
  purged: {
    kind: 'counter',
    name: 'persistence.log.purged',
    unit: '{event}',
    description:
      'Stored events that have left NATS: older than the hot window, or earlier because a stream ran full (pressure)',
    attributes: [reason],
  },
  fill: {
    kind: 'gauge',
    name: 'persistence.log.fill',
    unit: '1',
    description: 'How full the fullest stream of the log is, 0 to 1; above 0.9 storing is behind: an alarm',
    attributes: [],
  },
  blobs: {
    kind: 'counter',
    name: 'persistence.blobs',
    unit: '{blob}',
    description: 'Blobs copied to Postgres (copied), or found lost before they could be (lost): an alarm above 0',
    attributes: [outcome],
  },
  swept: {
    kind: 'counter',
    name: 'persistence.swept',
    unit: '{session}',
    description: 'Sessions handed to the orchestrator again',
    attributes: [reason],
  },
} as const satisfies Record<string, MetricDefinition>

export const processMetrics = {
  memory: {
    kind: 'gauge',
    name: 'process.memory.usage',
    unit: 'By',
    description: 'Resident memory of the process',
    attributes: [],
  },
  cpuTime: {
    kind: 'observed',
    name: 'process.cpu.time',
    unit: 's',
    description: 'Processor time used by the process',
    attributes: [],
  },
  eventLoopDelay: {
    kind: 'gauge',
    name: 'nodejs.eventloop.delay.p99',
    unit: 's',
    description: 'Delay of the event loop, 99th percentile since the last scrape',
    attributes: [],
  },
} as const satisfies Record<string, MetricDefinition>
