import type { StoredEvent } from '@spool/log'
import { attributes, counter, gatewayMetrics, histogram, upDownCounter } from '@spool/telemetry'

const connections = upDownCounter(gatewayMetrics.connections)
const resumes = counter(gatewayMetrics.resumes)
const dropped = counter(gatewayMetrics.dropped)
const latency = histogram(gatewayMetrics.deliveryLatency)

/** One event in so many is looked at: reading its time costs more than sending it. */
const SAMPLE_EVERY = 64
let untilSample = 0

export function countOpened(): void {
  connections.add(1)
}

export function countClosed(): void {
  connections.add(-1)
}

export function countResume(source: 'ring' | 'log' | 'none', outcome: 'resumed' | 'reset' | 'over'): void {
  resumes.add(1, { [attributes.source]: source, [attributes.outcome]: outcome })
}

export function countDropped(reason: 'drain' | 'failure'): void {
  dropped.add(1, { [attributes.reason]: reason })
}

export function sampleLatency(event: StoredEvent): void {
  if (untilSample-- > 0) return
  untilSample = SAMPLE_EVERY
  const at = event.event()?.at
  if (at !== undefined) latency.record(Math.max(0, Date.now() - Date.parse(at)) / 1000)
}
