import { busMetrics, counter, genAiMetrics, histogram, routeMetrics, runMetrics } from '@spool/telemetry'

export const fenced = counter(busMetrics.fenced)
export const ackDuration = histogram(busMetrics.ackDuration)
export const attempts = counter(runMetrics.attempts)
export const routeFailures = counter(routeMetrics.failures)
export const routesLeftOut = counter(routeMetrics.leftOut)
export const callDuration = histogram(genAiMetrics.duration)
export const timeToFirstChunk = histogram(genAiMetrics.timeToFirstChunk)
export const timePerOutputChunk = histogram(genAiMetrics.timePerOutputChunk)
export const inputTokens = counter(genAiMetrics.inputTokens)
export const outputTokens = counter(genAiMetrics.outputTokens)
export const cacheReadInputTokens = counter(genAiMetrics.cacheReadInputTokens)
export const reasoningOutputTokens = counter(genAiMetrics.reasoningOutputTokens)
export const inputTokensPerCall = histogram(genAiMetrics.inputTokensPerCall)
export const outputTokensPerCall = histogram(genAiMetrics.outputTokensPerCall)

/** One append in so many is measured: to note each costs as much as to fold it. */
const SAMPLE_EVERY = 64
let untilSample = 0

export function isSampled(): boolean {
  if (untilSample-- > 0) return false
  untilSample = SAMPLE_EVERY - 1
  return true
}
