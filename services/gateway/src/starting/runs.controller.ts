import { Controller, Inject, Post, Req, Res } from '@nestjs/common'
import { formatCursor } from '@spool/events'
import type { SessionRef } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { StreamLimit } from '../limiting/stream-limit.ts'
import { assertCounts } from '../admitting/allowed.ts'
import { accepts, headerOf, sessionOf } from '../serving/request.ts'
import { Described } from '../describing/described.ts'
import { startRun } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { RunStreams } from '../streaming/run-streams.ts'
import { FinishedRuns, waitSecondsOf } from './finished-runs.ts'
import { linksOf, linkToAnswer } from './links.ts'
import { readRunBody } from './run-body.ts'
import { checkedKey } from './run-id.ts'
import { type StartedRun, Starts } from './starts.ts'

@Controller('v1/sessions/:session/runs')
export class RunsController {
  constructor(
    @Inject(Starts) private readonly starts: Starts,
    @Inject(RunStreams) private readonly streams: RunStreams,
    @Inject(FinishedRuns) private readonly finished: FinishedRuns,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
  ) {}

  @Post()
  @Described(startRun)
  start(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const key = checkedKey(headerOf(request, 'idempotency-key'))
      const body = readRunBody(request.body)
      const streams = accepts(request, 'text/event-stream')
      if (streams) this.limit.reserve(request, reply)
      const started = await this.starts.start(ref, body, key, request.caller)
      reply.headers({ 'x-spool-session': ref.session, 'x-spool-run': started.run })
      if (streams) return this.streams.ofStarted(reply, ref, started)
      try {
        await this.answer(request, reply, ref, started)
      } finally {
        started.release()
      }
    })
  }

  private async answer(
    request: FastifyRequest,
    reply: FastifyReply,
    ref: SessionRef,
    started: StartedRun,
  ): Promise<void> {
    const about = { session: ref.session, run: started.run }
    const links = linksOf(ref.session, started.run)
    const seconds = waitSecondsOf(request)
    if (seconds > 0) {
      const halted = await this.finished.within(seconds, ref, started, reply)
      assertCounts(request.caller)
      if (halted !== null) {
        reply.header('preference-applied', `wait=${seconds}`)
        if (!('confirmation' in halted)) await reply.code(200).send({ ...about, ...halted, links })
        else {
          const toAnswer = linkToAnswer(ref.session, halted.confirmation)
          await reply.code(202).send({ ...about, ...halted, links: { ...links, ...toAnswer } })
        }
        return
      }
    }
    const before = await this.starts.placeBefore(ref, started)
    const cursor = before === null ? null : formatCursor(before)
    await reply
      .code(202)
      .header('location', links['run'])
      .send({ ...about, cursor, links })
  }
}
