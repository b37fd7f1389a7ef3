import { Inject, Injectable } from '@nestjs/common'
import { type RunState, formatCursor } from '@spool/events'
import { FeedReader, SessionErased, type SessionRef } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Snapshots } from '../reading/snapshots.ts'
import { Told } from '../reading/told.ts'
import { Draining } from '../serving/draining.ts'
import { headerOf } from '../serving/request.ts'
import { RunLocator } from '../streaming/run-locator.ts'
import { type Halt, HaltWatch } from './halt-watch.ts'
import type { StartedRun } from './starts.ts'

const MAX_WAIT_SECONDS = 120

export interface FinishedRun {
  cursor: string
  status: RunState['status']
  message: unknown
  /** Which one a run with the status `limit` has reached. */
  limit?: string
  /** Why a run was cancelled. */
  reason?: string
  /** Of a run that failed. */
  error?: NonNullable<RunState['error']>
}

/** A run that has asked a person: who waits for its end would wait for that person. */
export interface AskingRun {
  cursor: string
  status: 'awaiting_confirmation'
  confirmation: string
}

/** The seconds of `Prefer: wait=N` (RFC 7240), 0 without it. A preference that makes no sense is ignored. */
export function waitSecondsOf(request: FastifyRequest): number {
  const wait = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/i.exec(headerOf(request, 'prefer') ?? '')
  return Math.min(Number(wait?.[1] ?? 0), MAX_WAIT_SECONDS)
}

/** For clients that do not stream: waits for the end of a run, or for its question to a person. */
@Injectable()
export class FinishedRuns {
  /** How many wait, by session. */
  private readonly waiting = new Map<string, number>()

  constructor(
    @Inject(RunLocator) private readonly locator: RunLocator,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(Told) private readonly told: Told,
    @Inject(Draining) private readonly draining: Draining,
  ) {}

  /** Whether somebody waits here for a run of the session. */
  has(ref: SessionRef): boolean {
    return this.waiting.has(keyOf(ref))
  }

  /** `null`: neither in time, or not stored yet. */
  async within(
    seconds: number,
    ref: SessionRef,
    started: StartedRun,
    reply: FastifyReply,
    { pastQuestions = false } = {},
  ): Promise<FinishedRun | AskingRun | null> {
    const signal = AbortSignal.any([AbortSignal.timeout(seconds * 1000), closeOf(reply), this.draining.signal])
    const key = keyOf(ref)
    this.waiting.set(key, (this.waiting.get(key) ?? 0) + 1)
    try {
      const halt = await this.haltOf(started, signal, pastQuestions)
      const cursor = formatCursor(halt)
      this.told.note(ref, halt.seq)
      if (halt.question !== null) return { cursor, status: 'awaiting_confirmation', confirmation: halt.question }
      const stored = halt.answer === null ? null : await this.snapshots.message(ref, halt.seq, halt.answer)
      const { status, limit, cancelled, error } = halt.run
      const why = { ...(limit && { limit }), ...(cancelled && { reason: cancelled.reason }), ...(error && { error }) }
      return { cursor, status, ...why, message: stored?.message ?? null }
    } catch (error) {
      if (signal.aborted) return null
      throw error
    } finally {
      const left = this.waiting.get(key)! - 1
      if (left > 0) this.waiting.set(key, left)
      else this.waiting.delete(key)
    }
  }

  private async haltOf(started: StartedRun, signal: AbortSignal, pastQuestions: boolean): Promise<Halt> {
    const { feed } = await unlessAborted(started.lease.opened, signal)
    const { tail } = feed
    const known = await this.locator.locate(feed, started.run, tail, signal)
    const watch = new HaltWatch(started.run, tail)
    const halted = Promise.withResolvers<Halt>()
    const reader = new FeedReader(
      feed,
      known?.before ?? tail,
      (event) => {
        if (event.type === 'session.erased') halted.reject(new SessionErased(feed.ref.session))
        const halt = watch.take(event)
        if (halt !== null && (halt.question === null || !pastQuestions)) halted.resolve(halt)
        return true
      },
      halted.reject,
    )
    reader.resume()
    try {
      return await unlessAborted(halted.promise, signal)
    } finally {
      reader.close()
    }
  }
}

function keyOf({ tenant, session }: SessionRef): string {
  return `${tenant}/${session}`
}

function closeOf(reply: FastifyReply): AbortSignal {
  const abort = new AbortController()
  reply.raw.once('close', () => abort.abort())
  return abort.signal
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const stop = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', stop))
}
