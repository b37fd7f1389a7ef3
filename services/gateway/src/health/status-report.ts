import { Inject, Injectable } from '@nestjs/common'
import type { Bus } from '@spool/log'
import { OpenStreams } from '../streaming/open-streams.ts'
import { BUS } from '../tokens.ts'
import { modelStatuses } from './model-statuses.ts'
import { proxyStatuses } from './proxy-statuses.ts'
import { Readiness } from './readiness.ts'
import { spoolVersion } from './spool-version.ts'

/** How all of Spool does, as far as this process can tell. */
@Injectable()
export class StatusReport {
  private readonly startedAt = new Date().toISOString()

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  async make() {
    const [{ ok, checks }, proxies] = await Promise.all([this.readiness.report(), proxyStatuses(this.bus)])
    return {
      status: ok ? 'ready' : 'not ready',
      started_at: this.startedAt,
      open_streams: this.streams.size,
      checks,
      models: modelStatuses(proxies),
    }
  }

  /** What only dialects tell. */
  async makeLong() {
    const { opened, followedSessions } = this.streams
    const { models, ...report } = await this.make()
    return { version: spoolVersion, ...report, followed_sessions: followedSessions, streams_opened: opened, models }
  }
}
