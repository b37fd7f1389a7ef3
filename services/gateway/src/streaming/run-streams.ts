import { Inject, Injectable } from '@nestjs/common'
import { RunWindow, type SessionRef } from '@spool/log'
import type { FastifyReply } from 'fastify'
import { storeUnavailable } from '../problems/known-problems.ts'
import { inTime } from '../serving/in-time.ts'
import type { StartedRun } from '../starting/starts.ts'
import type { EventStream } from './event-stream.ts'
import { OpenStreams } from './open-streams.ts'
import { RunLocator } from './run-locator.ts'
import { SseResponse } from './sse-response.ts'
import { NATIVE, type Wire } from './wire.ts'

const LOCATE_TIMEOUT_MS = 5000
/** A run that was refused late says so in the log, too; but not in a session that was erased. */
const LATE_REFUSAL_MS = 3000

/** Streams of runs that have just been started. */
@Injectable()
export class RunStreams {
  constructor(
    @Inject(OpenStreams) private readonly streams: OpenStreams,
    @Inject(RunLocator) private readonly locator: RunLocator,
  ) {}

  async ofStarted(reply: FastifyReply, ref: SessionRef, started: StartedRun, wire: Wire = NATIVE): Promise<void> {
    const { accepted, lease, run } = started
    try {
      if (accepted === null) return this.ofUnanswered(reply, ref, started, wire)
      const { feed, tail } = await lease.openedInTime()
      const before = await inTime(LOCATE_TIMEOUT_MS, storeUnavailable, (signal) =>
        this.locator.beforeFirst(ref, accepted.first, tail, signal),
      )
      const response = new SseResponse(reply)
      response.onClose(started.release)
      this.streams.open(ref, new RunWindow(run), response, lease, wire).attach(feed, before)
    } catch (error) {
      started.release()
      throw error
    }
  }

  /** The request is safe, so the stream opens; its run begins when somebody takes it up. */
  private ofUnanswered(reply: FastifyReply, ref: SessionRef, started: StartedRun, wire: Wire): void {
    const abort = new AbortController()
    const response = new SseResponse(reply)
    const stream = this.streams.open(ref, new RunWindow(started.run), response, started.lease, wire)
    response.onClose(() => {
      abort.abort()
      started.release()
    })
    this.attachWhenOpen(stream, started, abort.signal).catch((error: unknown) => stream.fail(error))
  }

  private async attachWhenOpen(stream: EventStream, started: StartedRun, signal: AbortSignal): Promise<void> {
    const { feed } = await started.lease.opened
    const { tail } = feed
    // The run may be in the log already: taken up before the feed was open, or started by an earlier request.
    const known = await this.locator.locate(feed, started.run, tail, signal)
    stream.attach(feed, known?.before ?? tail)
    if (known !== null) return
    const reply = await started.later
    if (!reply.ok) setTimeout(() => stream.finish(), LATE_REFUSAL_MS).unref()
  }
}
