import { Controller, Get, Inject, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { OpenStreams } from '../streaming/open-streams.ts'
import { Readiness } from './readiness.ts'

@Controller()
export class HealthController {
  private readonly startedAt = new Date().toISOString()

  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  @Get(['healthz', 'health'])
  health() {
    return { status: 'ok' }
  }

  @Get('readyz')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { ok, checks } = await this.readiness.report()
    await reply
      .code(ok ? 200 : 503)
      .headers(ok ? {} : { 'retry-after': '1' })
      .send({ status: ok ? 'ready' : 'not ready', checks })
  }

  @Get('v1/status')
  async status() {
    const { ok, checks } = await this.readiness.report()
    return { status: ok ? 'ready' : 'not ready', started_at: this.startedAt, open_streams: this.streams.size, checks }
  }
}
