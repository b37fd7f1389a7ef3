import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import { type Bus, type Hub, type Log, WholeSession } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Described } from '../describing/described.ts'
import { StreamLimit } from '../limiting/stream-limit.ts'
import { busUnavailable, sessionNotFound, storeUnavailable } from '../problems/known-problems.ts'
import { SessionStates } from '../producing/session-states.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { inTime } from '../serving/in-time.ts'
import { headerOf, onlyQuery, queryOf, sessionOf } from '../serving/request.ts'
import { cursorOf } from '../streaming/cursor-of-request.ts'
import { FeedLease } from '../streaming/feed-lease.ts'
import { OpenStreams } from '../streaming/open-streams.ts'
import { SseResponse } from '../streaming/sse-response.ts'
import { BUS, HUB, LOG } from '../tokens.ts'
import { followSignals } from './operations.ts'
import { SessionSignals } from './session-signals.ts'
import { SignalWire } from './signal-wire.ts'

const LOAD_TIMEOUT_MS = 5000

/** For clients that want little on the wire, and pull what they want to have. */
@Controller('v1/sessions/:session/signals')
export class SignalsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(HUB) private readonly hub: Hub,
    @Inject(LOG) private readonly log: Log,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(SessionStates) private readonly states: SessionStates,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
  ) {}

  @Get()
  @Described(followSignals)
  follow(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, async () => {
      const ref = sessionOf(request)
      onlyQuery(request, 'after')
      const isBack = (headerOf(request, 'last-event-id') ?? queryOf(request, 'after')) !== undefined
      // A position that is lost is no harm: how far what is open has come is told in any case.
      const { seq: toldUpTo } = cursorOf(request)
      if (!this.bus.connected) throw busUnavailable()
      this.limit.reserve(request, reply)
      const lease = new FeedLease(this.hub, ref)
      try {
        const { feed } = await lease.openedInTime()
        if (feed.tail === 0) throw sessionNotFound(ref.session)
        const state = await inTime(LOAD_TIMEOUT_MS, storeUnavailable, (signal) => this.states.glance(ref, signal))
        const signals = new SessionSignals(state, isBack ? toldUpTo : undefined)
        const at = { epoch: this.log.epochOf(ref, state.seq), seq: state.seq }
        reply.header('x-spool-session', ref.session)
        const wire = new SignalWire(signals, at)
        this.streams.open(ref, new WholeSession(), new SseResponse(reply), lease, wire).attach(feed, state.seq)
      } catch (error) {
        lease.release()
        throw error
      }
    })
  }
}
