import { Controller, Inject, Post, Req, Res } from '@nestjs/common'
import { formatCursor } from '@spool/events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { answererOf } from '../admitting/person.ts'
import { Told } from '../reading/told.ts'
import { Described } from '../describing/described.ts'
import { answerConfirmation } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { headerOf, idOf, sessionOf } from '../serving/request.ts'
import { checkedKey, confirmIdOf } from '../starting/run-id.ts'
import { refusal } from '../starting/starts.ts'
import { readConfirmBody } from './confirm-body.ts'
import { Confirmations } from './confirmations.ts'

@Controller('v1/sessions/:session/confirmations/:confirmation')
export class ConfirmController {
  constructor(
    @Inject(Confirmations) private readonly confirmations: Confirmations,
    @Inject(Told) private readonly told: Told,
  ) {}

  /** 200 only when the answer is in the log. */
  @Post()
  @Described(answerConfirmation)
  answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const confirmation = idOf(request, 'confirmation')
      const key = checkedKey(headerOf(request, 'idempotency-key'))
      const answered = readConfirmBody(request.body)
      const { user, ...body } = answered
      reply.header('x-spool-session', ref.session)
      const about = { session: ref.session, confirmation, action: body.action }
      const answer = await this.confirmations.ask(ref, {
        request: confirmIdOf(key, answered),
        confirmation,
        ...body,
        by: answererOf(request.caller, user),
        via: 'http',
      })
      if (answer === null) {
        await reply.code(202).send({ ...about, status: 'pending', cursor: null })
        return
      }
      if (!answer.ok) throw refusal(answer)
      this.told.note(ref, answer.seq)
      await reply
        .code(200)
        .header('x-spool-run', answer.run)
        .send({ ...about, run: answer.run, status: 'accepted', cursor: formatCursor(answer) })
    })
  }
}
