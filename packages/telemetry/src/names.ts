/**
 * Every metric and attribute name of Spool, in one place: dashboards and alerts are checked against this file.
 * Attribute values come from small fixed sets. No session, run or user id, and no concrete subject: each new value
 * would be a time series of its own, kept for good.
 */
import type { MetricDefinition } from './metric-definition.ts'

const latencySeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const batchSizes = [1, 2, 5, 10, 25, 50, 100, 250, 500]

export const gatewayMetrics = {
  connections: {
    name: 'gateway.sse.connections',
    unit: '{connection}',
    description: 'Clients that are following right now',
  },
  resumes: {
    name: 'gateway.sse.resume',
    unit: '{resume}',
    description: 'Clients that came back with a cursor, by source of their history and outcome',
  },
  dropped: { name: 'gateway.sse.dropped', unit: '{connection}', description: 'Clients the gateway let go, by reason' },
  deliveryLatency: {
    name: 'token.delivery.latency',
    unit: 's',
    description: 'From an event\'s "at" to the write into the client\'s socket (sampled)',
    buckets: latencySeconds,
  },
} satisfies Record<string, MetricDefinition>

export const busMetrics = {
  fenced: {
    name: 'bus.publish.fenced',
    unit: '{append}',
    description: 'Appends refused because another writer had moved the session on',
  },
  ackDuration: {
    name: 'bus.publish.ack.duration',
    unit: 's',
    description: 'From sending an append to its ack',
    buckets: latencySeconds,
  },
  liveGaps: {
    name: 'bus.live.gap',
    unit: '{gap}',
    description: 'Holes in the live feed that were fetched again from the log',
  },
} satisfies Record<string, MetricDefinition>

export const persistenceMetrics = {
  lag: {
    name: 'persistence.lag.seconds',
    unit: 's',
    description: 'Age of the oldest event that is not in Postgres yet',
  },
  batchSize: {
    name: 'persistence.batch.size',
    unit: '{event}',
    description: 'Events per transaction of the projection',
    buckets: batchSizes,
  },
} satisfies Record<string, MetricDefinition>

export const runMetrics = {
  attempts: {
    name: 'run.attempts',
    unit: '{attempt}',
    description: 'Attempts at an answer, by reason (first, retry, failover, takeover)',
  },
} satisfies Record<string, MetricDefinition>

export const processMetrics = {
  memory: { name: 'process.memory.usage', unit: 'By', description: 'Resident memory of the process' },
  cpuTime: { name: 'process.cpu.time', unit: 's', description: 'Processor time used by the process' },
  eventLoopDelay: {
    name: 'nodejs.eventloop.delay.p99',
    unit: 's',
    description: 'Delay of the event loop, 99th percentile since the last scrape',
  },
} satisfies Record<string, MetricDefinition>

export const attributes = {
  source: 'source',
  outcome: 'outcome',
  reason: 'reason',
  tenant: 'spool.tenant',
  session: 'spool.session',
  run: 'spool.run',
  message: 'spool.message',
  attempt: 'spool.attempt',
  errorType: 'error.type',
  messagingSystem: 'messaging.system',
  messagingOperationName: 'messaging.operation.name',
  messagingOperationType: 'messaging.operation.type',
  messagingDestination: 'messaging.destination.name',
  messagingDestinationTemplate: 'messaging.destination.template',
  messagingMessageId: 'messaging.message.id',
  messagingBatchSize: 'messaging.batch.message_count',
} as const
