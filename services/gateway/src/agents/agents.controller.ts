import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import type { Bus } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { unavailable } from '../problems/known-problems.ts'
import { Described } from '../describing/described.ts'
import { listAgents } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { BUS } from '../tokens.ts'
import { agentsOf } from './agents-of.ts'
import { newestAgents } from './newest-agents.ts'

@Controller('v1/agents')
export class AgentsController {
  constructor(@Inject(BUS) private readonly bus: Bus) {}

  /** Those that the caller's tenant may use. */
  @Get()
  @Described(listAgents)
  agents(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const status = await newestAgents(this.bus)
      if (status === undefined)
        throw unavailable('Nobody can say at the moment which agents there are. Try again in a few seconds.')
      await reply.send({ agents: agentsOf(status, request.tenant) })
    })
  }
}
