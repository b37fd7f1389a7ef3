import { busMetrics, counter, genAiMetrics, histogram, runMetrics } from '@spool/telemetry'

export const fenced = counter(busMetrics.fenced)
export const ackDuration = histogram(busMetrics.ackDuration)
export const attempts = counter(runMetrics.attempts)
export const operationDuration = histogram(genAiMetrics.operationDuration)
export const timeToFirstChunk = histogram(genAiMetrics.timeToFirstChunk)
export const tokenUsage = histogram(genAiMetrics.tokenUsage)

/** One append in so many is measured: to note each costs as much as to fold it. */
const SAMPLE_EVERY = 64
let untilSample = 0

export function isSampled(): boolean {
  if (untilSample-- > 0) return false
  untilSample = SAMPLE_EVERY - 1
  return true
}
