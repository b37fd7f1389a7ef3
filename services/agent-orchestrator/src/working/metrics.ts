import { busMetrics, counter, histogram, toolMetrics } from '@spool/telemetry'

export const fenced = counter(busMetrics.fenced)
export const toolAttempts = counter(toolMetrics.attempts)
export const toolDuration = histogram(toolMetrics.duration)
