import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import { type Cursor, formatCursor } from '@spool/events'
import type { SessionRef } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { messageNotFound, runNotFound, sessionNotFound } from '../problems/known-problems.ts'
import { Problem } from '../problems/problem.ts'
import { Described } from '../describing/described.ts'
import * as operations from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { idOf, limitOf, onlyQuery, queryOf, sessionOf } from '../serving/request.ts'
import { parsedCursor } from '../streaming/cursor-of-request.ts'
import { OpenStreams } from '../streaming/open-streams.ts'
import { type Moment, type Place, Snapshots } from './snapshots.ts'

const PAGE = { fallback: 100, max: 1000 }

/** Snapshots, each with the cursor it stands at: who follows from there misses nothing and sees nothing twice. */
@Controller('v1/sessions')
export class SessionsController {
  constructor(
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
  ) {}

  @Get()
  @Described(operations.listSessions)
  sessions(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      onlyQuery(request, 'limit', 'before')
      const before = queryOf(request, 'before')
      const { sessions, next } = await this.snapshots.sessions(request.tenant, limitOf(request, PAGE), before)
      const listed = sessions.map((session) => ({ ...session, cursor: formatCursor(session.cursor) }))
      await reply.send({ sessions: listed, next })
    })
  }

  @Get(':session')
  @Described(operations.readSession)
  session(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, (ref, moment) => this.snapshots.session(ref, moment))
  }

  @Get(':session/messages')
  @Described(operations.listMessages)
  messages(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const page = { limit: limitOf(request, PAGE), after: afterOf(request) }
    return this.answer(request, reply, (ref, moment) => this.snapshots.messages(ref, moment, page))
  }

  @Get(':session/messages/:message')
  @Described(operations.readMessage)
  message(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = idOf(request, 'message')
    return this.answer(
      request,
      reply,
      (ref, moment) => this.snapshots.message(ref, moment, id),
      () => messageNotFound(id),
    )
  }

  /** What its model was sent, and how the provider ended it. It belongs to the message, whatever came since. */
  @Get(':session/messages/:message/raw')
  @Described(operations.readRawMessage)
  raw(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = idOf(request, 'message')
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      onlyQuery(request)
      const raw = await this.snapshots.raw(ref, this.streams.highest(ref), id)
      if (raw === null) throw messageNotFound(id)
      await reply.header('x-spool-session', ref.session).send({ ...raw, cursor: formatCursor(raw.cursor) })
    })
  }

  @Get(':session/runs/:run')
  @Described(operations.readRun)
  run(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const id = idOf(request, 'run')
    return this.answer(
      request,
      reply,
      (ref, moment) => this.snapshots.run(ref, moment, id),
      () => runNotFound(id),
    )
  }

  /** All that were asked, answered or not, in their order. */
  @Get(':session/confirmations')
  @Described(operations.listConfirmations)
  confirmations(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, (ref, moment) => this.snapshots.confirmations(ref, moment))
  }

  @Get(':session/artifacts')
  @Described(operations.listArtifacts)
  artifacts(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(request, reply, (ref, moment) => this.snapshots.artifacts(ref, moment))
  }

  private answer(
    request: FastifyRequest,
    reply: FastifyReply,
    read: (ref: SessionRef, moment: Moment) => Promise<{ cursor: Place } | null>,
    missing = () => sessionNotFound(idOf(request, 'session')),
  ): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const snapshot = await read(ref, atOf(request) ?? this.streams.highest(ref))
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

/** Where in the past the session is to be looked at. */
function atOf(request: FastifyRequest): Cursor | undefined {
  const text = queryOf(request, 'at')
  // Empty is not the beginning here: who leaves it empty has forgotten to fill it in.
  return text === undefined ? undefined : parsedCursor(text || '-')
}
