import { Controller, Inject, Post, Req, Res } from '@nestjs/common'
import { formatCursor } from '@spool/events'
import { eventAt, type Log, type SessionRef } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Described } from '../describing/described.ts'
import { RunLimit } from '../limiting/run-limit.ts'
import { storeUnavailable } from '../problems/known-problems.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { inTime } from '../serving/in-time.ts'
import { headerOf, idOf, sessionOf } from '../serving/request.ts'
import { bodyHash, checkedKey, messageIdOf, runIdOf } from '../starting/run-id.ts'
import { LOG } from '../tokens.ts'
import { readBeginBody, readChunkBody, readCustomBody, readFinalizeBody } from './bodies.ts'
import { appendChunk, beginMessage, emitCustom, finalizeMessage } from './operations.ts'
import { Producers } from './producers.ts'

const LOCATE_TIMEOUT_MS = 5000

/** For programs that write text themselves and have Spool carry it. */
@Controller('v1/sessions/:session/messages')
export class ProducingController {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(Producers) private readonly producers: Producers,
    @Inject(RunLimit) private readonly runs: RunLimit,
  ) {}

  @Post()
  @Described(beginMessage)
  begin(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const key = checkedKey(headerOf(request, 'idempotency-key'))
      const body = readBeginBody(request.body)
      const run = runIdOf(ref, key)
      const message = messageIdOf(ref, key)
      const begin = { run, message, model: body.model, ...(key !== undefined && { key, body_hash: bodyHash(body) }) }
      await this.runs.count(request.caller, ref, begin)
      const { first } = await this.producers.begin(ref, begin)
      const cursor = await this.placeBefore(ref, first)
      reply.headers({ 'x-spool-session': ref.session, 'x-spool-run': run })
      const location = `/v1/sessions/${ref.session}/messages/${message}`
      await reply.code(201).header('location', location).send({ session: ref.session, run, message, cursor })
    })
  }

  @Post(':message/chunks')
  @Described(appendChunk)
  append(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const chunk = { message: idOf(request, 'message'), ...readChunkBody(request.body) }
      const { run, sequence } = await this.producers.append(ref, chunk)
      await reply.code(200).headers({ 'x-spool-session': ref.session, 'x-spool-run': run }).send({ sequence })
    })
  }

  @Post(':message/finalize')
  @Described(finalizeMessage)
  finalize(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const message = idOf(request, 'message')
      const { run, seq, ...ended } = await this.producers.finalize(ref, { message, ...readFinalizeBody(request.body) })
      const cursor = this.cursorAt(ref, seq)
      reply.headers({ 'x-spool-session': ref.session, 'x-spool-run': run })
      await reply.code(200).send({ session: ref.session, run, message, ...ended, cursor })
    })
  }

  @Post(':message/custom')
  @Described(emitCustom)
  emit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      const custom = { message: idOf(request, 'message'), ...readCustomBody(request.body) }
      const { run, seq } = await this.producers.emit(ref, custom)
      reply.headers({ 'x-spool-session': ref.session, 'x-spool-run': run })
      await reply.code(201).send({ cursor: this.cursorAt(ref, seq) })
    })
  }

  /** Right before the run's first event, however late the request is repeated: who follows from there misses nothing. */
  private placeBefore(ref: SessionRef, first: number): Promise<string> {
    return inTime(LOCATE_TIMEOUT_MS, storeUnavailable, async (signal) => {
      const { prev } = await eventAt(this.log, ref, first, signal)
      return this.cursorAt(ref, prev)
    })
  }

  private cursorAt(ref: SessionRef, seq: number): string {
    return formatCursor({ epoch: this.log.epochOf(ref, seq), seq })
  }
}
