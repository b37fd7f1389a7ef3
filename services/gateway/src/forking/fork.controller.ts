import { Controller, Inject, Post, Req, Res } from '@nestjs/common'
import { formatCursor } from '@spool/events'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { RoomWatch } from '../admitting/room-watch.ts'
import { Problem } from '../problems/problem.ts'
import { Told } from '../reading/told.ts'
import { Described } from '../describing/described.ts'
import { forkSession } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { headerOf, sessionOf } from '../serving/request.ts'
import { checkedKey, forkIdOf } from '../starting/run-id.ts'
import { refusal } from '../starting/starts.ts'
import { readForkBody } from './fork-body.ts'
import { Forks } from './forks.ts'

@Controller('v1/sessions/:session/fork')
export class ForkController {
  constructor(
    @Inject(Forks) private readonly forks: Forks,
    @Inject(Told) private readonly told: Told,
    @Inject(RoomWatch) private readonly room: RoomWatch,
  ) {}

  /** 201 only when the copy is whole. */
  @Post()
  @Described(forkSession)
  fork(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const source = sessionOf(request)
      const key = checkedKey(headerOf(request, 'idempotency-key'))
      const { at, session: named } = readForkBody(request.body)
      const session = named ?? forkIdOf(source, key)
      const ref = { tenant: source.tenant, session }
      // A copy may be large: what room there is belongs to the runs that are under way.
      this.room.assertRoom(ref)
      reply.headers({ 'x-spool-session': session, location: `/v1/sessions/${session}` })
      const answer = await this.forks.ask(ref, {
        from_session: source.session,
        ...(at !== undefined && { from_cursor: at }),
      })
      if (answer?.ok === false) {
        reply.removeHeader('location')
        // The id is the key's: only another fork under the same key can have it.
        if (answer.code === 'session_exists' && named === undefined) throw keyReused()
        throw refusal(answer)
      }
      const from = { session: source.session, cursor: answer?.from_cursor ?? at ?? null }
      const about = { session, forked_from: from, links: linksOf(session) }
      if (answer === null) {
        await reply.code(202).send({ ...about, cursor: null })
        return
      }
      this.told.note(ref, answer.seq)
      await reply.code(201).send({ ...about, cursor: formatCursor(answer) })
    })
  }
}

function keyReused(): Problem {
  const detail = 'This Idempotency-Key was used for a fork at another cursor. Use a new key, or the same cursor.'
  return new Problem(422, 'idempotency_key_reused', detail)
}

function linksOf(session: string): Record<string, string> {
  const at = `/v1/sessions/${session}`
  return { session: at, messages: `${at}/messages`, events: `${at}/events`, runs: `${at}/runs` }
}
