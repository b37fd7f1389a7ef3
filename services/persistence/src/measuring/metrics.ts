import { counter, histogram, persistenceMetrics } from '@spool/telemetry'

export const batchSize = histogram(persistenceMetrics.batchSize)
export const transactions = counter(persistenceMetrics.transactions)
export const storedEvents = counter(persistenceMetrics.events)
export const rejected = counter(persistenceMetrics.rejected)
export const blobs = counter(persistenceMetrics.blobs)
export const purged = counter(persistenceMetrics.purged)
export const swept = counter(persistenceMetrics.swept)
