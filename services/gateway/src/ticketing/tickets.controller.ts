import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common'
import type { FastifyRequest } from 'fastify'
import { requireScope } from '../admitting/allowed.ts'
import { Described } from '../describing/described.ts'
import { userFor } from '../admitting/person.ts'
import { readBody } from '../problems/invalid-body.ts'
import { limitEntries } from '../problems/limit-entries.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { makeTicket } from './operations.ts'
import { ticketBodySchema } from './ticket-body.ts'
import { Tickets } from './tickets.ts'

/** For clients that cannot set headers, such as a browser's `EventSource`. */
@Controller('v1/tickets')
export class TicketsController {
  constructor(@Inject(Tickets) private readonly tickets: Tickets) {}

  /** The session need not be there yet. */
  @Post()
  @HttpCode(201)
  @Described(makeTicket)
  issue(@Req() request: FastifyRequest): Promise<object> {
    return inRequestSpan(request, async () => {
      limitEntries(request.body)
      const { session, scopes, user } = readBody(ticketBodySchema, request.body)
      for (const scope of scopes) requireScope(request.caller, scope)
      const { ticket, useByMs } = await this.tickets.issue(
        request.caller,
        session,
        scopes,
        userFor(request.caller, user),
      )
      return { ticket, session, scopes: [...new Set(scopes)], use_by: new Date(useByMs).toISOString() }
    })
  }
}
