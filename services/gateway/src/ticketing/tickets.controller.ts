import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common'
import { isId, type Scope, SCOPES } from '@spool/log'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { requireScope } from '../admitting/allowed.ts'
import { readBody } from '../problems/invalid-body.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { Tickets } from './tickets.ts'

export const ticketBodySchema = z.strictObject({
  session: z.string().refine(isId, { error: 'must be 1 to 128 letters, digits, "-" or "_"' }),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .default((): Scope[] => ['read']),
})

/** For clients that cannot set headers, such as a browser's `EventSource`. */
@Controller('v1/tickets')
export class TicketsController {
  constructor(@Inject(Tickets) private readonly tickets: Tickets) {}

  /** The session need not be there yet. */
  @Post()
  @HttpCode(201)
  issue(@Req() request: FastifyRequest): Promise<object> {
    return inRequestSpan(request, async () => {
      const { session, scopes } = readBody(ticketBodySchema, request.body)
      for (const scope of scopes) requireScope(request.caller, scope)
      const { ticket, useByMs } = await this.tickets.issue(request.caller, session, scopes)
      return { ticket, session, scopes: [...new Set(scopes)], use_by: new Date(useByMs).toISOString() }
    })
  }
}
