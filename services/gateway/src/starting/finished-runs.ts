import { Inject, Injectable } from '@nestjs/common'
import { type RunState, formatCursor } from '@spool/events'
import { FeedReader, type SessionRef } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Snapshots } from '../reading/snapshots.ts'
import { Told } from '../reading/told.ts'
import { Draining } from '../serving/draining.ts'
import { headerOf } from '../serving/request.ts'
import { RunLocator } from '../streaming/run-locator.ts'
import { RunWindow } from '../streaming/selection.ts'
import type { StartedRun } from './starts.ts'

const MAX_WAIT_SECONDS = 120

export interface FinishedRun {
  cursor: string
  status: RunState['status']
  message: unknown
  /** Of a run that failed. */
  error?: NonNullable<RunState['error']>
}

/** The seconds of `Prefer: wait=N` (RFC 7240), 0 without it. A preference that makes no sense is ignored. */
export function waitSecondsOf(request: FastifyRequest): number {
  const wait = /(?:^|[,;\s])wait=(\d{1,6})(?:$|[,;\s])/i.exec(headerOf(request, 'prefer') ?? '')
  return Math.min(Number(wait?.[1] ?? 0), MAX_WAIT_SECONDS)
}

/** For clients that do not stream: waits for the end of a run. */
@Injectable()
export class FinishedRuns {
  constructor(
    @Inject(RunLocator) private readonly locator: RunLocator,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(Told) private readonly told: Told,
    @Inject(Draining) private readonly draining: Draining,
  ) {}

  /** `null`: not finished in time, or not stored yet. */
  async within(
    seconds: number,
    ref: SessionRef,
    started: StartedRun,
    reply: FastifyReply,
  ): Promise<FinishedRun | null> {
    const signal = AbortSignal.any([AbortSignal.timeout(seconds * 1000), closeOf(reply), this.draining.signal])
    try {
      const { seq, epoch, answer, run } = await this.endOf(started, signal)
      this.told.note(ref, seq)
      const stored = answer === null ? null : await this.snapshots.message(ref, seq, answer)
      const { status, error } = run
      const message = stored?.message ?? null
      return { cursor: formatCursor({ epoch, seq }), status, message, ...(error && { error }) }
    } catch (error) {
      if (signal.aborted) return null
      throw error
    }
  }

  private async endOf(started: StartedRun, signal: AbortSignal) {
    const { feed } = await unlessAborted(started.lease.opened, signal)
    const { tail } = feed
    const known = await this.locator.locate(feed, started.run, tail, signal)
    const window = new RunWindow(started.run)
    const end = Promise.withResolvers<{ seq: number; epoch: number; answer: string | null; run: RunState }>()
    let answer: string | null = null
    const reader = new FeedReader(
      feed,
      known?.before ?? tail,
      (event) => {
        const place = window.take(event)
        if (place !== 'skip' && event.type === 'message.requested') {
          const requested = event.event()
          if (requested?.type === 'message.requested' && requested.purpose === 'answer') answer = requested.message
        }
        if (place === 'last') end.resolve({ seq: event.seq, epoch: event.epoch, answer, run: window.run! })
        return true
      },
      end.reject,
    )
    reader.resume()
    try {
      return await unlessAborted(end.promise, signal)
    } finally {
      reader.close()
    }
  }
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
