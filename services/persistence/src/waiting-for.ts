import { type Bus, type Deployment, readDeployment } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { ReadinessCheck } from './readiness.ts'
import { pause, retryDelay } from './retry-delay.ts'

const LOOK_AGAIN_MS = 500

/** What must be there before the service can begin is waited for, and said once, with what to do. */
export async function waitForStreams(bus: Bus, logger: Logger, signal: AbortSignal): Promise<Deployment | null> {
  for (let attempt = 0, told = false; !signal.aborted; attempt++) {
    try {
      const deployment = await readDeployment(bus)
      if (deployment !== null) return deployment
      if (!told) logger.warn('The streams are missing. Run: node packages/log/dist/provision-main.js')
      told = true
    } catch (error) {
      logger.debug({ err: error }, 'NATS does not answer yet')
    }
    await retryDelay(attempt, signal)
  }
  return null
}

export async function waitForDatabase(readiness: ReadinessCheck, logger: Logger, signal: AbortSignal): Promise<void> {
  for (let told: string | null = null; !signal.aborted;) {
    const missing = await readiness.missingLevel().catch(() => 'Postgres does not answer yet.')
    if (missing === null) return
    if (missing !== told) logger.warn(missing)
    told = missing
    await pause(LOOK_AGAIN_MS, signal)
  }
}
