import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import { formatCursor } from '@spool/events'
import type { SessionRef } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { runNotFound, sessionNotFound } from '../problems/known-problems.ts'
import { Problem } from '../problems/problem.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { idOf, limitOf, queryOf, sessionOf } from '../serving/request.ts'
import { OpenStreams } from '../streaming/open-streams.ts'
import { type Place, Snapshots } from './snapshots.ts'

const PAGE = { fallback: 100, max: 1000 }

/** Snapshots, each with the cursor it stands at: who follows from there misses nothing and sees nothing twice. */
@Controller('v1/sessions')
export class SessionsController {
  constructor(
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  @Get()
  sessions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const before = queryOf(request, 'before')
      const { sessions, next } = await this.snapshots.sessions(request.tenant, limitOf(request, PAGE), before)
      const listed = sessions.map((session) => ({ ...session, cursor: formatCursor(session.cursor) }))
      await reply.send({ sessions: listed, next })
    })
  }

  @Get(':session')
  session(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, (ref, atLeast) => this.snapshots.session(ref, atLeast))
  }

  @Get(':session/messages')
  messages(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const page = { limit: limitOf(request, PAGE), after: afterOf(request) }
    return this.answer(request, reply, (ref, atLeast) => this.snapshots.messages(ref, atLeast, page))
  }

  @Get(':session/messages/:message')
  message(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = idOf(request, 'message')
    return this.answer(
      request,
      reply,
      (ref, atLeast) => this.snapshots.message(ref, atLeast, id),
      () => new Problem(404, 'message_not_found', `There is no message ${id} in this session.`),
    )
  }

  @Get(':session/runs/:run')
  run(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = idOf(request, 'run')
    return this.answer(
      request,
      reply,
      (ref, atLeast) => this.snapshots.run(ref, atLeast, id),
      () => runNotFound(id),
    )
  }

  /** All that were asked, answered or not, in their order. */
  @Get(':session/confirmations')
  confirmations(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, (ref, atLeast) => this.snapshots.confirmations(ref, atLeast))
  }

  @Get(':session/artifacts')
  artifacts(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, (ref, atLeast) => this.snapshots.artifacts(ref, atLeast))
  }

  private answer(
    request: FastifyRequest,
    reply: FastifyReply,
    read: (ref: SessionRef, atLeast: number) => Promise<{ cursor: Place } | null>,
    missing = () => sessionNotFound(idOf(request, 'session')),
  ): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      if (queryOf(request, 'at') !== undefined) {
        throw new Problem(400, 'invalid_query', '`at` is not supported: only the present state can be read.')
      }
      const snapshot = await read(ref, this.streams.highest(ref))
      if (snapshot === null) throw missing()
      await reply.header('x-spool-session', ref.session).send({ ...snapshot, cursor: formatCursor(snapshot.cursor) })
    })
  }
}

/** The `next` of the page before. */
function afterOf(request: FastifyRequest): number | undefined {
  const text = queryOf(request, 'after')
  if (text === undefined) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new Problem(400, 'invalid_query', 'after must be the `next` of the page before.')
}
