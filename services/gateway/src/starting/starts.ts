import { Inject, Injectable } from '@nestjs/common'
import type { LimitCatalogue } from '@spool/config'
import { type Cursor, newId } from '@spool/events'
import {
  Blobs,
  eventAt,
  type Hub,
  lightenRequest,
  type Log,
  QueueFull,
  type Reply,
  ReplyInbox,
  type RunRequest,
  type SessionRef,
} from '@spool/log'
import type { Caller } from '../admitting/caller.ts'
import { userFor } from '../admitting/person.ts'
import { RoomWatch } from '../admitting/room-watch.ts'
import { limitsOf } from '../limiting/limits-of.ts'
import { RunLimit } from '../limiting/run-limit.ts'
import { Problem } from '../problems/problem.ts'
import { storeUnavailable } from '../problems/known-problems.ts'
import { Told } from '../reading/told.ts'
import { inTime } from '../serving/in-time.ts'
import { queueRequest } from '../serving/queueing.ts'
import { FeedLease } from '../streaming/feed-lease.ts'
import { HUB, LIMITS, LOG } from '../tokens.ts'
import { limitSize, MAX_PARTS_BYTES, type RunBody, userOf } from './run-body.ts'
import { bodyHash, runIdOf } from './run-id.ts'

/** How long a refusal may take to be told by the status line. */
const REPLY_TIMEOUT_MS = 2000
const LOCATE_TIMEOUT_MS = 2000

export type Accepted = Extract<Reply, { ok: true }>

/** A request that is safe. Whoever gets it releases it. */
export interface StartedRun {
  readonly run: string
  readonly keyed: boolean
  /** `null`: nobody has answered yet, and `later` will say. */
  readonly accepted: Accepted | null
  readonly later: Promise<Reply>
  readonly lease: FeedLease
  release(): void
}

@Injectable()
export class Starts {
  private readonly blobs: Blobs

  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(HUB) private readonly hub: Hub,
    @Inject(Told) private readonly told: Told,
    @Inject(RoomWatch) private readonly room: RoomWatch,
    @Inject(RunLimit) private readonly runs: RunLimit,
    @Inject(LIMITS) private readonly limits: LimitCatalogue,
  ) {
    this.blobs = new Blobs(log.bus)
  }

  /** Makes the request durable. Throws what it was refused with, where that is known in time. */
  async start(ref: SessionRef, body: RunBody, key: string | undefined, caller: Caller): Promise<StartedRun> {
    const { messageBytes } = limitsOf(this.limits, caller)
    if (messageBytes < MAX_PARTS_BYTES) limitSize('message', body.parts, messageBytes)
    const request = requestOf(ref, body, key, userFor(caller, userOf(body.metadata)))
    this.room.assertRoom(ref)
    await this.runs.count(caller, ref, request)
    // Listening begins before the request is out, so that the run's first event is usually heard live.
    const inbox = new ReplyInbox(this.log.bus)
    const lease = new FeedLease(this.hub, ref)
    const release = () => {
      inbox.close()
      lease.release()
    }
    try {
      await this.queue(ref, request, inbox)
      const reply = await inbox.answer(REPLY_TIMEOUT_MS)
      if (reply?.ok === false) throw refusal(reply)
      if (reply !== null) this.told.note(ref, reply.seq)
      return { run: request.run, keyed: key !== undefined, accepted: reply, later: inbox.later, lease, release }
    } catch (error) {
      release()
      throw error
    }
  }

  private async queue(ref: SessionRef, request: RunRequest, inbox: ReplyInbox): Promise<void> {
    const sent = await lightenRequest(this.blobs, ref, request)
    try {
      await queueRequest(this.log, this.log.subjects.intake(ref, request.request), sent, inbox)
    } catch (error) {
      // Of any other failure nobody knows whether the request is in the queue all the same.
      if (error instanceof QueueFull && sent.blob !== undefined) await this.blobs.leave(ref, sent.blob)
      throw error
    }
  }

  /**
   * Right before the run's first event, so that it is the same however late the request is repeated, and whoever follows
   * from there misses nothing of the run. `null`: nobody has taken it up yet, or where it began cannot be read now.
   */
  async placeBefore(ref: SessionRef, { accepted }: StartedRun): Promise<Cursor | null> {
    if (accepted === null) return null
    try {
      const first = await inTime(LOCATE_TIMEOUT_MS, storeUnavailable, (signal) =>
        eventAt(this.log, ref, accepted.first, signal),
      )
      return { epoch: this.log.epochOf(ref, first.prev), seq: first.prev }
    } catch {
      // The run is accepted all the same, and its links say the rest.
      return null
    }
  }
}

/** The orchestrator's refusal, in its words. */
export function refusal(reply: Extract<Reply, { ok: false }>): Problem {
  const status = reply.status >= 400 && reply.status < 600 ? reply.status : 500
  const retryAfter = status === 429 || status === 503 ? 1 : undefined
  const { members = {} } = reply
  return new Problem(status, reply.code, reply.message, {
    members,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  })
}

function requestOf(ref: SessionRef, body: RunBody, key: string | undefined, user: string | undefined): RunRequest {
  return {
    request: newId(),
    run: runIdOf(ref, key),
    message: newId(),
    at: new Date().toISOString(),
    ...body,
    ...(user ? { user } : {}),
    ...(key === undefined ? {} : { key, body_hash: bodyHash(body) }),
  }
}
