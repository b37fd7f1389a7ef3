import { counter, histogram, type MetricDefinition, persistenceMetrics } from '@spool/telemetry'

/** Beside `persistenceMetrics`, what only this service says of itself. */
export const ownMetrics = {
  transactions: {
    name: 'persistence.transactions',
    unit: '{transaction}',
    description: 'Transactions of the projection',
  },
  events: { name: 'persistence.events', unit: '{event}', description: 'Events stored' },
  rejected: {
    name: 'persistence.rejected',
    unit: '{event}',
    description: 'Events that are kept but not folded (marked), or not kept because their session was erased (refused)',
  },
  diverged: {
    name: 'persistence.log.diverged',
    unit: '{shard}',
    description: 'Shards that are not projected because the log is not the one that is stored: an alarm above 0',
  },
  swept: { name: 'persistence.swept', unit: '{session}', description: 'Sessions handed to the orchestrator again' },
} satisfies Record<string, MetricDefinition>

export const batchSize = histogram(persistenceMetrics.batchSize)
export const transactions = counter(ownMetrics.transactions)
export const storedEvents = counter(ownMetrics.events)
export const rejected = counter(ownMetrics.rejected)
export const swept = counter(ownMetrics.swept)
