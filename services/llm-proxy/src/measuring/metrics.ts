import { busMetrics, counter, genAiMetrics, histogram, runMetrics } from '@spool/telemetry'

export const fenced = counter(busMetrics.fenced)
export const attempts = counter(runMetrics.attempts)
export const operationDuration = histogram(genAiMetrics.operationDuration)
export const timeToFirstChunk = histogram(genAiMetrics.timeToFirstChunk)
export const tokenUsage = histogram(genAiMetrics.tokenUsage)
