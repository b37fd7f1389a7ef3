import { observedGauge, persistenceMetrics } from '@spool/telemetry'
import type { Projector } from '../projecting/projector.ts'
import type { Retainer } from '../retaining/retainer.ts'

export function observeProjectors(projectors: readonly Projector[]): void {
  observedGauge(persistenceMetrics.lag, () => Math.max(...projectors.map((projector) => projector.lagMs)) / 1000)
  observedGauge(persistenceMetrics.diverged, () => projectors.filter((projector) => projector.diverged !== null).length)
}

export function observeRoom(retainer: Retainer): void {
  observedGauge(persistenceMetrics.fill, () => retainer.fullest)
}
