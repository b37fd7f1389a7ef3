import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Described } from '../describing/described.ts'
import { Problem } from '../problems/problem.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { idOf, onlyQuery, queryOf, sessionOf } from '../serving/request.ts'
import { pullChunks } from './operations.ts'
import { PulledMessages } from './pulled-messages.ts'

/** For clients that fetch content when they choose. */
@Controller('v1/sessions/:session/messages/:message/chunks')
export class PullController {
  constructor(@Inject(PulledMessages) private readonly messages: PulledMessages) {}

  @Get()
  @Described(pullChunks)
  pull(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const message = idOf(request, 'message')
      onlyQuery(request, 'after')
      const { run, ...page } = await this.messages.after(ref, message, afterOf(request))
      reply.header('x-spool-session', ref.session)
      if (run !== null) reply.header('x-spool-run', run)
      await reply.send({ message, ...page })
    })
  }
}

function afterOf(request: FastifyRequest): number {
  const text = queryOf(request, 'after') ?? '0'
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Problem(400, 'invalid_query', 'after must be the number of the last chunk that you hold, or 0.')
}
