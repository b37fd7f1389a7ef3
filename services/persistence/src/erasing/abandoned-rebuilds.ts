import { type Database, dropAbandonedRebuild } from '@spool/store'
import type { Logger } from '@spool/telemetry'
import type { Projector } from '../projecting/projector.ts'
import { pause } from '../retry-delay.ts'

const LOOK_EVERY_MS = 1000

/** What a rebuild that was killed leaves behind holds what is erased after it: nothing of it may wait for the next one. */
export async function removeAbandonedRebuilds(
  { kysely }: Database,
  projectors: readonly Projector[],
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  for (; !signal.aborted; await pause(LOOK_EVERY_MS, signal)) {
    if (!projectors.some(({ role }) => role === 'projecting')) continue
    try {
      if (await dropAbandonedRebuild(kysely)) logger.warn('A rebuild was broken off; what it had made was removed')
    } catch (error) {
      logger.warn({ err: error }, 'What a rebuild has left behind could not be removed yet; tried again')
    }
  }
}
