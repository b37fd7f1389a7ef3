import { Inject, Injectable } from '@nestjs/common'
import { type Dialect, type Outcome, type Wish, written } from '@spool/dialects'
import { languageOf, say } from '@spool/events'
import { BlobArchive, Blobs, type Bus, isId, type Queries, type SessionRef } from '@spool/log'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Caller } from '../admitting/caller.ts'
import { assertCounts, newSession, sessionFor } from '../admitting/allowed.ts'
import { readConfirmBody } from '../confirming/confirm-body.ts'
import { Confirmations } from '../confirming/confirmations.ts'
import { StreamLimit } from '../limiting/stream-limit.ts'
import { readBody } from '../problems/invalid-body.ts'
import { limitEntries } from '../problems/limit-entries.ts'
import { Problem } from '../problems/problem.ts'
import { Snapshots } from '../reading/snapshots.ts'
import { Told } from '../reading/told.ts'
import { inRequestSpan } from '../serving/request-span.ts'
import { headerOf } from '../serving/request.ts'
import { FinishedRuns } from '../starting/finished-runs.ts'
import { checkedKey, confirmIdOf } from '../starting/run-id.ts'
import { dialectRunBody } from '../starting/run-body.ts'
import { refusal, type StartedRun, Starts } from '../starting/starts.ts'
import { RunStreams } from '../streaming/run-streams.ts'
import { BUS, QUERIES } from '../tokens.ts'
import { DialectWire } from './dialect-wire.ts'
import { Resumptions } from './resumptions.ts'
import { storedUpTo } from './stored-up-to.ts'
import { textOfBlob } from './text-of-blob.ts'

type RunWished = Extract<Wish<unknown>, { kind: 'run' }>
type Answer = Extract<Wish<unknown>, { kind: 'answer' }>

/** As long as a model may take, and a person who is asked beside it. */
const WHOLE_ANSWER_SECONDS = 1800

/** Requests in the words of a dialect. */
@Injectable()
export class Chats {
  private readonly blobs: Blobs

  constructor(
    @Inject(Starts) private readonly starts: Starts,
    @Inject(RunStreams) private readonly streams: RunStreams,
    @Inject(Resumptions) private readonly resumptions: Resumptions,
    @Inject(FinishedRuns) private readonly finished: FinishedRuns,
    @Inject(Confirmations) private readonly confirmations: Confirmations,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
    @Inject(StreamLimit) private readonly limit: StreamLimit,
    @Inject(Told) private readonly seen: Told,
    @Inject(BUS) bus: Bus,
    @Inject(QUERIES) queries: Queries,
  ) {
    this.blobs = new Blobs(bus, new BlobArchive(queries))
  }

  ask(dialect: Dialect, request: FastifyRequest, reply: FastifyReply, answer?: 'whole'): Promise<void> {
    // A browser's client that comes back sends what it sent first, with where it was.
    if (headerOf(request, 'last-event-id') !== undefined && answer === undefined) {
      return this.resume(dialect, request, reply)
    }
    return inRequestSpan(request, async () => {
      const path = request.params as Record<string, string>
      limitEntries(request.body)
      const wish = dialect.wish(readBody(dialect.body, request.body), path)
      if (wish.kind === 'answer') return this.answer(dialect, wish, request, reply)
      return this.run(dialect, wish, request, reply, answer ?? wish.answer)
    })
  }

  resume(dialect: Dialect, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return inRequestSpan(request, () => this.resumptions.resume(dialect, request, reply))
  }

  private async run(
    dialect: Dialect,
    wish: RunWished,
    request: FastifyRequest,
    reply: FastifyReply,
    answer: 'stream' | 'whole',
  ): Promise<void> {
    const isNew = wish.session === undefined
    const ref = sessionFor(request.caller, wish.session ?? newSession())
    const title = isNew ? say(wish.language, 'session.new') : undefined
    const key = checkedKey(headerOf(request, 'idempotency-key'))
    if (answer === 'stream') this.limit.reserve(request, reply)
    const started = await this.starts
      .start(ref, dialectRunBody(runFor(request.caller, wish.run), wish.language, title), key, request.caller)
      .catch((error) => {
        throw inItsStatus(dialect, error)
      })
    reply.headers({ 'x-spool-session': ref.session, 'x-spool-run': started.run })
    if (answer === 'stream') {
      const wire = new DialectWire({
        dialect,
        opening: { session: ref.session, options: wish.options, language: language(wish), openedAt: Date.now() },
        run: started.run,
        after: 0,
        stored: (position, signal) => storedUpTo(this.snapshots, ref, position, signal),
        textOf: (blob) => textOfBlob(this.blobs, ref, blob),
      })
      return this.streams.ofStarted(reply, ref, started, wire)
    }
    try {
      await this.whole(dialect, wish, ref, started, reply, request.caller)
    } finally {
      started.release()
    }
  }

  private async whole(
    dialect: Dialect,
    wish: RunWished,
    ref: SessionRef,
    started: StartedRun,
    reply: FastifyReply,
    caller: Caller,
  ): Promise<void> {
    const halted = await this.finished.within(WHOLE_ANSWER_SECONDS, ref, started, reply, { pastQuestions: true })
    assertCounts(caller)
    if (halted === null || 'confirmation' in halted) {
      throw new Problem(503, 'unavailable', 'The answer is not ready yet, and goes on. Read the session in a moment.', {
        retryAfter: 5,
      })
    }
    const { status, message, error, reason } = halted
    const outcome = {
      session: ref.session,
      run: started.run,
      language: language(wish),
      status,
      message,
      ...(error !== undefined && { error }),
      ...(reason !== undefined && { reason }),
    } as Outcome
    const told = dialect.tell?.(outcome)
    if (told === undefined) throw new Error(`dialect ${dialect.name} has no answer in one piece`)
    await reply.code(told.status).send(told.body)
  }

  private async answer(dialect: Dialect, wish: Answer, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { session, action, message } = wish
    const answered = readConfirmBody({ action, ...(message !== undefined && { message }) })
    const key = checkedKey(headerOf(request, 'idempotency-key'))
    if (!isId(session)) {
      throw new Problem(400, 'invalid_body', 'session_id is missing: name the session that asks. Nothing was answered.')
    }
    const ref = sessionFor(request.caller, session)
    reply.header('x-spool-session', session)
    const told = await this.confirmations.ask(ref, {
      request: confirmIdOf(key, answered),
      action,
      ...(message !== undefined && { message }),
      by: request.caller.subject ?? 'user',
      via: dialect.name,
    })
    // That nothing waits is an answer of the dialect's own; that the session is gone is not.
    if (told?.ok === false && told.status !== 409) throw refusal(told)
    if (told?.ok === true) {
      reply.header('x-spool-run', told.run)
      this.seen.note(ref, told.seq)
    }
    const outcome = told === null ? 'pending' : told.ok ? 'accepted' : 'nothing_waits'
    const frames = wish.told(outcome, { session, language: language(wish) ?? languageOf(told?.language) })
    await reply
      .code(200)
      .headers({ 'cache-control': 'no-cache, no-transform', 'x-accel-buffering': 'no' })
      .type('text/event-stream; charset=utf-8')
      .send(written(frames))
  }
}

/** Who has shown nothing tells no agent what it is to be. */
function runFor({ by }: Caller, wish: RunWished['run']): RunWished['run'] {
  if (by !== 'nothing' || wish.history === undefined) return wish
  return { ...wish, history: wish.history.filter(({ role }) => role !== 'system') }
}

function language(wish: Wish<unknown>) {
  return wish.language === undefined ? undefined : languageOf(wish.language)
}

function inItsStatus(dialect: Dialect, error: unknown): unknown {
  if (!(error instanceof Problem)) return error
  const status = dialect.statuses?.[error.code]
  return status === undefined ? error : new Problem(status, error.code, error.detail, { cause: error })
}
