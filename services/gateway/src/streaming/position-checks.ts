import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common'
import { type Hub, type Log, answerFollowers } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import { FinishedRuns } from '../starting/finished-runs.ts'
import { HUB, LOG, LOGGER } from '../tokens.ts'
import { OpenStreams } from './open-streams.ts'

const ACTIVE_MS = 15_000
/** Idle sessions are asked about every so many rounds: every five minutes. */
const IDLE_ROUNDS = 20

/**
 * Live delivery is at most once. Where a later event shows the hole the feed heals by itself; the last event of all
 * can only be missed by comparing positions with the leader's. (After a reconnect each feed does that itself.)
 */
@Injectable()
export class PositionChecks implements OnModuleDestroy {
  private round = 0
  private checking = false
  private readonly timer: NodeJS.Timeout
  private readonly stopAnswering: () => void

  constructor(
    @Inject(HUB) private readonly hub: Hub,
    @Inject(LOG) log: Log,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(FinishedRuns) waits: FinishedRuns,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.timer = setInterval(() => void this.check(), ACTIVE_MS)
    this.stopAnswering = answerFollowers(log, (ref) => streams.has(ref) || waits.has(ref))
  }

  onModuleDestroy(): void {
    clearInterval(this.timer)
    this.stopAnswering()
  }

  private async check(): Promise<void> {
    if (this.checking) return
    this.checking = true
    const all = this.round++ % IDLE_ROUNDS === 0
    try {
      await this.hub.verify((feed) => all || feed.awaitsMore || this.streams.isActive(feed.ref))
    } catch (error) {
      this.logger.warn({ err: error }, 'Positions could not be compared with the log')
    } finally {
      this.checking = false
    }
  }
}
