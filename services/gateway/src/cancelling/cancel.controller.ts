import { Controller, Inject, Post, Req, Res } from '@nestjs/common'
import { formatCursor } from '@spool/events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Told } from '../reading/told.ts'
import { Described } from '../describing/described.ts'
import { cancelRun } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { idOf, sessionOf } from '../serving/request.ts'
import { refusal } from '../starting/starts.ts'
import { Cancels } from './cancels.ts'

@Controller('v1/sessions/:session/runs/:run/cancel')
export class CancelController {
  constructor(
    @Inject(Cancels) private readonly cancels: Cancels,
    @Inject(Told) private readonly told: Told,
  ) {}

  /** 200 only when the partial answer is durable. */
  @Post()
  @Described(cancelRun)
  cancel(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const run = idOf(request, 'run')
      const about = { session: ref.session, run }
      reply.headers({ 'x-spool-session': ref.session, 'x-spool-run': run })
      const answer = await this.cancels.ask(ref, run, { by: 'user', reason: 'user' })
      if (answer === null) {
        await reply.code(202).send({ ...about, status: 'cancelling', cursor: null })
        return
      }
      if (!answer.ok) throw refusal(answer)
      this.told.note(ref, answer.seq)
      await reply.code(200).send({ ...about, status: answer.status, cursor: formatCursor(answer) })
    })
  }
}
