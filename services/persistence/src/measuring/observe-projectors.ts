import { observedGauge, persistenceMetrics } from '@spool/telemetry'
import type { Projector } from '../projecting/projector.ts'
import { ownMetrics } from './metrics.ts'

export function observeProjectors(projectors: readonly Projector[]): void {
  observedGauge(persistenceMetrics.lag, () => Math.max(...projectors.map((projector) => projector.lagMs)) / 1000)
  observedGauge(ownMetrics.diverged, () => projectors.filter((projector) => projector.diverged !== null).length)
}
