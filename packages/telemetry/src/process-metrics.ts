import { monitorEventLoopDelay } from 'node:perf_hooks'
import { observedCounter, observedGauge } from './instruments.ts'
import { processMetrics } from './names.ts'

const resolutionMs = 20

/** What every process reports about itself. Returns a function that stops the measuring. */
export function observeProcess(): () => void {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  delay.enable()
  observedGauge(processMetrics.memory, () => process.memoryUsage.rss())
  observedGauge(processMetrics.eventLoopDelay, () => {
    // Node measures from one tick of its timer to the next, so the timer's own interval is in the value.
    const seconds = (delay.percentile(99) / 1e6 - resolutionMs) / 1e3
    delay.reset()
    return Math.max(0, seconds)
  })
  observedCounter(processMetrics.cpuTime, () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  return () => delay.disable()
}
