import { Controller, Get, Inject, Res } from '@nestjs/common'
import type { Bus } from '@spool/log'
import type { FastifyReply } from 'fastify'
import { Described } from '../describing/described.ts'
import { OpenStreams } from '../streaming/open-streams.ts'
import { BUS } from '../tokens.ts'
import { readHealth, readReadiness, readStatus } from './operations.ts'
import { modelStatuses } from './model-statuses.ts'
import { proxyStatuses } from './proxy-statuses.ts'
import { Readiness } from './readiness.ts'

@Controller()
export class HealthController {
  private readonly startedAt = new Date().toISOString()

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  @Get(['healthz', 'health'])
  @Described(readHealth)
  health() {
    return { status: 'ok' }
  }

  @Get('readyz')
  @Described(readReadiness)
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { ok, checks } = await this.readiness.report()
    await reply
      .code(ok ? 200 : 503)
      .headers(ok ? {} : { 'retry-after': '1' })
      .send({ status: ok ? 'ready' : 'not ready', checks })
  }

  @Get('v1/status')
  @Described(readStatus)
  async status() {
    const [{ ok, checks }, proxies] = await Promise.all([this.readiness.report(), proxyStatuses(this.bus)])
    return {
      status: ok ? 'ready' : 'not ready',
      started_at: this.startedAt,
      open_streams: this.streams.size,
      checks,
      models: modelStatuses(proxies),
    }
  }
}
