import { Controller, Delete, Inject, Req, Res } from '@nestjs/common'
import { type Cursor, formatCursor } from '@spool/events'
import type { Queries } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sessionNotFound } from '../problems/known-problems.ts'
import { Problem } from '../problems/problem.ts'
import { Told } from '../reading/told.ts'
import { Described } from '../describing/described.ts'
import { eraseSession } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { onlyQuery, queryOf, sessionOf } from '../serving/request.ts'
import { QUERIES } from '../tokens.ts'

/** Longer than persistence itself waits until it has stored what was written last. */
const ANSWER_TIMEOUT_MS = 12_000

@Controller('v1/sessions/:session')
export class EraseController {
  constructor(
    @Inject(QUERIES) private readonly queries: Queries,
    @Inject(Told) private readonly told: Told,
  ) {}

  /** Answered when nothing is left of it but its tombstone; again: the same answer. */
  @Delete()
  @Described(eraseSession)
  erase(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      onlyQuery(request, 'memories')
      const ask = { ...ref, by: 'user', memories: memoriesOf(request) }
      const erased = await this.queries.ask<Cursor | null>('erase', ask, ANSWER_TIMEOUT_MS)
      if (erased === null) throw sessionNotFound(ref.session)
      this.told.note(ref, erased.seq)
      await reply
        .header('x-spool-session', ref.session)
        .send({ session: ref.session, erased: true, cursor: formatCursor(erased) })
    })
  }
}

function memoriesOf(request: FastifyRequest): boolean {
  const text = queryOf(request, 'memories') ?? 'false'
  if (text === 'true' || text === 'false') return text === 'true'
  throw new Problem(400, 'invalid_query', 'memories must be "true" or "false".')
}
