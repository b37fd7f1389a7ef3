import { SCOPES } from '@spool/log'
import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { identifier, instant } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'
import { ticketBodySchema } from './ticket-body.ts'

export const makeTicket: Operation = {
  id: 'makeTicket',
  group: 'Keys and agents',
  summary: 'A ticket for one session, where a client cannot set headers',
  description: 'To be used within 60 s, as `?ticket=…` in place of a key. The session need not be there yet.',
  body: { schema: component('TicketRequest', ticketBodySchema), example: { session: 'my-session' } },
  answers: {
    201: {
      description: 'The ticket.',
      json: z.object({
        ticket: z.string(),
        session: identifier,
        scopes: z.array(z.enum(SCOPES)),
        use_by: instant.describe('A stream that it has opened by then goes on.'),
      }),
    },
  },
}
