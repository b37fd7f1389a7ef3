import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import { isId, type Queries } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../problems/problem.ts'
import { Described } from '../describing/described.ts'
import { search } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { limitOf, onlyQuery, queryOf } from '../serving/request.ts'
import { QUERIES } from '../tokens.ts'

const PAGE = { fallback: 20, max: 100 }
const MAX_QUERY = 10_000
const ROLES: readonly string[] = ['user', 'assistant', 'system']
const ANSWER_TIMEOUT_MS = 6500

/** What people were shown in all of a tenant's sessions. */
@Controller('v1/search')
export class SearchController {
  constructor(@Inject(QUERIES) private readonly queries: Queries) {}

  @Get()
  @Described(search)
  search(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      onlyQuery(request, 'q', 'session', 'role', 'limit', 'before')
      const { tenant } = request
      const ask = {
        q: textOf(request),
        session: checked(request, 'session', isId, 'the id of a session'),
        role: checked(request, 'role', (role) => ROLES.includes(role), `one of ${ROLES.join(', ')}`),
        limit: limitOf(request, PAGE),
        before: queryOf(request, 'before'),
      }
      await reply.send(await this.queries.ask<object>('search', { tenant, ...ask }, ANSWER_TIMEOUT_MS))
    })
  }
}

function textOf(request: FastifyRequest): string {
  const q = queryOf(request, 'q')
  if (q === undefined) throw new Problem(400, 'invalid_query', 'Say what to look for: ?q=…')
  if (q.length <= MAX_QUERY) return q
  throw new Problem(400, 'invalid_query', `q must not be longer than ${MAX_QUERY} characters: a few words will do.`)
}

function checked(
  request: FastifyRequest,
  name: string,
  isRight: (value: string) => boolean,
  what: string,
): string | undefined {
  const value = queryOf(request, name)
  if (value === undefined || isRight(value)) return value
  throw new Problem(400, 'invalid_query', `${name} must be ${what}.`)
}
