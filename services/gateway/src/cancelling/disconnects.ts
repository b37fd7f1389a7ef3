import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common'
import type { RunState } from '@spool/events'
import { type Log, type SessionRef, askFollowers } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { Config } from '../config.ts'
import { CONFIG, LOG, LOGGER } from '../tokens.ts'
import { Cancels } from './cancels.ts'

/** Cancels a run that wants it (`on_disconnect: cancel`) once nobody has followed it anywhere for a while. */
@Injectable()
export class Disconnects implements OnModuleDestroy {
  private readonly waiting = new Map<string, NodeJS.Timeout>()

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOG) private readonly log: Log,
    @Inject(Cancels) private readonly cancels: Cancels,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** A follower went away by itself. `isFollowed` says whether somebody is still, or again, there. */
  left(ref: SessionRef, run: RunState | undefined, isFollowed: () => boolean): void {
    if (run === undefined || run.endedSeq !== null || run.on_disconnect !== 'cancel' || isFollowed()) return
    const key = `${ref.tenant}/${ref.session}/${run.id}`
    clearTimeout(this.waiting.get(key))
    const timer = setTimeout(() => {
      this.waiting.delete(key)
      this.cancelIfAlone(ref, run.id, isFollowed).catch((error: unknown) => {
        // The sweep asks the same question again.
        this.logger.warn({ err: error }, 'A run that nobody follows could not be cancelled')
      })
    }, this.config.SPOOL_DISCONNECT_MS)
    this.waiting.set(key, timer)
  }

  onModuleDestroy(): void {
    for (const timer of this.waiting.values()) clearTimeout(timer)
    this.waiting.clear()
  }

  private async cancelIfAlone(ref: SessionRef, run: string, isFollowed: () => boolean): Promise<void> {
    if (isFollowed() || (await askFollowers(this.log, ref))) return
    await this.cancels.ask(ref, run, { by: 'gateway', reason: 'client_disconnected' })
  }
}
