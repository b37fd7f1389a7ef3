import { observedGauge, persistenceMetrics } from '@spool/telemetry'
import type { Projector } from '../projecting/projector.ts'

export function observeProjectors(projectors: readonly Projector[]): void {
  observedGauge(persistenceMetrics.lag, () => Math.max(...projectors.map((projector) => projector.lagMs)) / 1000)
  observedGauge(persistenceMetrics.diverged, () => projectors.filter((projector) => projector.diverged !== null).length)
}
