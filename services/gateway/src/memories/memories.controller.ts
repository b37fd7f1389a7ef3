import { Controller, Delete, Get, Inject, Req, Res } from '@nestjs/common'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { userFor } from '../admitting/person.ts'
import { Problem } from '../problems/problem.ts'
import { Described } from '../describing/described.ts'
import { forgetMemory, forgetUser, listMemories } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { idOf, limitOf, onlyQuery, queryOf } from '../serving/request.ts'
import { Memories } from './memories.ts'

const PAGE = { fallback: 100, max: 1000 }

@Controller('v1/memories')
export class MemoriesController {
  constructor(@Inject(Memories) private readonly memories: Memories) {}

  @Get()
  @Described(listMemories)
  list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      onlyQuery(request, 'user', 'agent', 'q', 'limit', 'before')
      const page = {
        user: userFor(request.caller, queryOf(request, 'user')),
        agent: queryOf(request, 'agent'),
        // An empty search field searches for nothing in particular.
        q: queryOf(request, 'q') || undefined,
        limit: limitOf(request, PAGE),
        before: queryOf(request, 'before'),
      }
      await reply.send(await this.memories.list(request.tenant, page))
    })
  }

  @Delete(':memory')
  @Described(forgetMemory)
  forgetOne(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      onlyQuery(request)
      const id = idOf(request, 'memory')
      if ((await this.memories.forget(request.tenant, { ids: [id], user: userFor(request.caller, undefined) })) === 0) {
        throw new Problem(404, 'memory_not_found', `There is no memory ${id}.`)
      }
      await reply.send({ id, deleted: true })
    })
  }

  /** All of one user. Without a user it would be all of the tenant: nobody means that by leaving a word out. */
  @Delete()
  @Described(forgetUser)
  forgetUser(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      onlyQuery(request, 'user', 'agent')
      const user = userFor(request.caller, queryOf(request, 'user'))
      const agent = queryOf(request, 'agent')
      if (user === undefined || user === '') {
        throw new Problem(
          400,
          'invalid_query',
          'Say whose memories are to be deleted: ?user=…, or name one in the path.',
        )
      }
      if (agent === '') {
        throw new Problem(
          400,
          'invalid_query',
          'agent is empty: name one, or leave it out to mean all. Nothing was deleted.',
        )
      }
      const deleted = await this.memories.forget(request.tenant, { user, agent })
      await reply.send({ user, ...(agent !== undefined && { agent }), deleted })
    })
  }
}
