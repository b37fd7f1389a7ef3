import { Controller, Get, Inject, Res } from '@nestjs/common'
import type { FastifyReply } from 'fastify'
import { Described } from '../describing/described.ts'
import { readHealth, readReadiness, readStatus } from './operations.ts'
import { Readiness } from './readiness.ts'
import { StatusReport } from './status-report.ts'

@Controller()
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(StatusReport) private readonly report: StatusReport,
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
  status() {
    return this.report.make()
  }
}
