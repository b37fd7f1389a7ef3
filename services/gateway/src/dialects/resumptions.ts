import { Inject, Injectable } from '@nestjs/common'
import type { Dialect } from '@spool/dialects'
import { languageOf } from '@spool/events'
import {
  BlobArchive,
  Blobs,
  type Bus,
  type Feed,
  type Hub,
  isId,
  type Log,
  type Queries,
  queuedRuns,
  type SessionRef,
} from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { agentsOf } from '../agents/agents-of.ts'
import { newestAgents } from '../agents/newest-agents.ts'
import { sessionFor } from '../admitting/allowed.ts'
import { StreamLimit } from '../limiting/stream-limit.ts'
import { busUnavailable, storeUnavailable } from '../problems/known-problems.ts'
import { Problem } from '../problems/problem.ts'
import { Snapshots } from '../reading/snapshots.ts'
import { inTime } from '../serving/in-time.ts'
import { assertBegun } from '../streaming/assert-begun.ts'
import { cursorOf } from '../streaming/cursor-of-request.ts'
import { FeedLease } from '../streaming/feed-lease.ts'
import { OpenStreams } from '../streaming/open-streams.ts'
import { Resumption } from '../streaming/resumption.ts'
import { type LocatedRun, RunLocator } from '../streaming/run-locator.ts'
import { SseResponse } from '../streaming/sse-response.ts'
import { BUS, HUB, LOG, QUERIES } from '../tokens.ts'
import { DialectWire } from './dialect-wire.ts'
import { runAt } from './run-at.ts'
import { storedUpTo } from './stored-up-to.ts'
import { textOfBlob } from './text-of-blob.ts'

const LOCATE_TIMEOUT_MS = 5000

/** Streams of a dialect that go on: the run is made again from its first event, and sent from the cursor on. */
@Injectable()
export class Resumptions {
  private readonly blobs: Blobs

  constructor(
    @Inject(BUS) private readonly bus: Bus,
    @Inject(HUB) private readonly hub: Hub,
    @Inject(LOG) private readonly log: Log,
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(Resumption) private readonly resumption: Resumption,
    @Inject(RunLocator) private readonly locator: RunLocator,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
    @Inject(QUERIES) queries: Queries,
  ) {
    this.blobs = new Blobs(bus, new BlobArchive(queries))
  }

  async resume(dialect: Dialect, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const given = givenBy(request)
    const ref = sessionFor(request.caller, sessionIn(given))
    if (!this.bus.connected) throw busUnavailable()
    this.limit.reserve(request, reply)
    await this.assertAgent(dialect, request)
    const lease = new FeedLease(this.hub, ref)
    try {
      await this.open(dialect, request, reply, ref, lease, given)
    } catch (error) {
      lease.release()
      throw error
    }
  }

  /** Where nobody says which agents there are, the session alone decides. */
  private async assertAgent(dialect: Dialect, request: FastifyRequest): Promise<void> {
    const name = dialect.agent?.(request.params as Record<string, string>)
    const status = name === undefined ? undefined : await newestAgents(this.bus)
    if (status === undefined || agentsOf(status, request.tenant).some(({ id }) => id === name)) return
    throw new Problem(404, 'unknown_agent', 'There is no agent of that name. GET /v1/agents lists those there are.')
  }

  private async open(
    dialect: Dialect,
    request: FastifyRequest,
    reply: FastifyReply,
    ref: SessionRef,
    lease: FeedLease,
    given: Record<string, unknown>,
  ): Promise<void> {
    const cursor = cursorOf(request)
    const { feed } = await lease.openedInTime()
    await assertBegun(feed)
    const { after, reset } = await this.resumption.from(feed, cursor)
    const found = await inTime(LOCATE_TIMEOUT_MS, storeUnavailable, (signal) =>
      after > 0 ? this.runAround(feed, after, signal) : this.latestRun(feed, signal),
    )
    if (found === null) {
      throw new Problem(404, 'run_not_found', 'There is no run in this session yet. POST a message to start one.')
    }
    const { run, located } = found
    reply.headers({ 'x-spool-session': ref.session, 'x-spool-run': run })
    const named = typeof given['language'] === 'string' ? languageOf(given['language']) : undefined
    const wire = new DialectWire({
      dialect,
      opening: { session: ref.session, options: dialect.options(given), language: named, openedAt: Date.now() },
      run,
      after: Math.min(after, located.last ?? after),
      stored: (position, signal) => storedUpTo(this.snapshots, ref, position, signal),
      textOf: (blob) => textOfBlob(this.blobs, ref, blob),
    })
    const stream = this.streams.open(ref, located.select(), new SseResponse(reply), lease, wire)
    if (reset === undefined) stream.attach(feed, located.before)
    else stream.finish('reset')
  }

  /** The run of the event that the client saw last. */
  private async runAround(feed: Feed, cursor: number, signal: AbortSignal): Promise<FoundRun | null> {
    const run = await runAt(this.log, feed.ref, { cursor, end: feed.tail }, signal)
    const located = run === null ? null : await this.locator.await(feed, run, signal)
    return run === null || located === null ? null : { run, located }
  }

  /** The one at the end; once that is over, the one that is asked for and not begun yet. */
  private async latestRun(feed: Feed, signal: AbortSignal): Promise<FoundRun | null> {
    const [queued] = await queuedRuns(this.log, feed.ref, signal)
    // What was taken up a moment ago may not have been heard here.
    await feed.verify()
    const { tail } = feed
    const run = await runAt(this.log, feed.ref, { cursor: 0, end: tail }, signal)
    const located = run === null ? null : await this.locator.locate(feed, run, tail, signal)
    if (run !== null && located !== null && (located.last === null || queued === undefined)) return { run, located }
    const awaited = queued === undefined ? null : await this.locator.await(feed, queued, signal)
    return queued === undefined || awaited === null ? null : { run: queued, located: awaited }
  }
}

interface FoundRun {
  readonly run: string
  readonly located: LocatedRun
}

/** Who resumes by POST sends the body again; of it only what concerns the stream is looked at. */
function givenBy(request: FastifyRequest): Record<string, unknown> {
  const { query, body } = request
  const fromBody = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}
  return { ...fromBody, ...(query as object) }
}

function sessionIn(given: Record<string, unknown>): string {
  const id = given['session_id']
  const text = typeof id === 'number' ? String(id) : id
  if (typeof text === 'string' && isId(text)) return text
  throw new Problem(
    400,
    'invalid_id',
    'To resume, name the session: session_id, 1 to 128 letters, digits, "-" or "_". It is in x-spool-session of the first answer.',
  )
}
