import { Controller, Get, Inject, Req, Res } from '@nestjs/common'
import type { Cursor } from '@spool/events'
import { type Bus, type Feed, type Hub, type Selection, type SessionRef, WholeSession } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { StreamLimit } from '../limiting/stream-limit.ts'
import { busUnavailable, runNotFound, storeUnavailable } from '../problems/known-problems.ts'
import { inTime } from '../serving/in-time.ts'
import { Described } from '../describing/described.ts'
import { followRun, followSession } from './operations.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { accepts, idOf, limitOf, sessionOf } from '../serving/request.ts'
import { BUS, HUB } from '../tokens.ts'
import { assertBegun } from './assert-begun.ts'
import { cursorOf } from './cursor-of-request.ts'
import { readPage } from './event-page.ts'
import { FeedLease } from './feed-lease.ts'
import { OpenStreams } from './open-streams.ts'
import { type Reset, resetFrame, Resumption } from './resumption.ts'
import { RunLocator } from './run-locator.ts'
import { SseResponse } from './sse-response.ts'
import { countResume } from './stream-metrics.ts'

const LOCATE_TIMEOUT_MS = 5000

@Controller('v1/sessions/:session')
export class EventsController {
  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(HUB) private readonly hub: Hub,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(Resumption) private readonly resumption: Resumption,
    @Inject(RunLocator) private readonly locator: RunLocator,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
  ) {}

  @Get('events')
  @Described(followSession)
  followSession(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, () => {
      const cursor = cursorOf(request)
      const wantsPage = accepts(request, 'application/json') && !accepts(request, 'text/event-stream')
      const limit = limitOf(request, { fallback: 100, max: 1000 })
      return this.withFeed(request, async (ref, lease) => {
        reply.header('x-spool-session', ref.session)
        if (!wantsPage) this.limit.reserve(request, reply)
        if (!wantsPage) return this.stream(reply, ref, lease, cursor, new WholeSession())
        const { feed } = await lease.openedInTime()
        const page = await inTime(LOCATE_TIMEOUT_MS, storeUnavailable, (signal) =>
          readPage(feed, request.caller, cursor, limit, signal),
        )
        lease.release()
        await reply.type('application/json; charset=utf-8').send(page)
      })
    })
  }

  @Get('runs/:run/events')
  @Described(followRun)
  followRun(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, () => {
      const cursor = cursorOf(request)
      const id = idOf(request, 'run')
      return this.withFeed(request, async (ref, lease) => {
        reply.headers({ 'x-spool-session': ref.session, 'x-spool-run': id })
        const { feed } = await lease.openedInTime()
        const located = await inTime(LOCATE_TIMEOUT_MS, storeUnavailable, (signal) =>
          this.locator.await(feed, id, signal),
        )
        if (located === null) throw runNotFound(id)
        const { before, last } = located
        if (last !== null && cursor.seq >= last) {
          // Tells an EventSource not to come back.
          countResume('none', 'over')
          lease.release()
          await reply.code(204).send()
          return
        }
        this.limit.reserve(request, reply)
        const selection = located.select()
        if (cursor.seq <= before) return this.open(reply, ref, lease, { feed, after: before, selection })
        return this.stream(reply, ref, lease, cursor, selection)
      })
    })
  }

  /** Hands the lease on to the stream that is opened; where none is, it is given back. */
  private async withFeed(
    request: FastifyRequest,
    work: (ref: SessionRef, lease: FeedLease) => Promise<void>,
  ): Promise<void> {
    const ref = sessionOf(request)
    if (!this.bus.connected) throw busUnavailable()
    const lease = new FeedLease(this.hub, ref)
    try {
      const { feed } = await lease.openedInTime()
      await assertBegun(feed)
      await work(ref, lease)
    } catch (error) {
      lease.release()
      throw error
    }
  }

  private async stream(
    reply: FastifyReply,
    ref: SessionRef,
    lease: FeedLease,
    cursor: Cursor,
    selection: Selection,
  ): Promise<void> {
    const { feed } = await lease.openedInTime()
    const { after, reset } = await this.resumption.from(feed, cursor)
    this.open(reply, ref, lease, { feed, after, selection, reset })
  }

  private open(
    reply: FastifyReply,
    ref: SessionRef,
    lease: FeedLease,
    start: { feed: Feed; after: number; selection: Selection; reset?: Reset | undefined },
  ): void {
    const stream = this.streams.open(ref, start.selection, new SseResponse(reply), lease)
    if (start.reset !== undefined) stream.write(resetFrame(start.reset))
    stream.attach(start.feed, start.after)
  }
}
