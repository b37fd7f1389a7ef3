import { Inject, Injectable } from '@nestjs/common'
import { RpcException } from '@nestjs/microservices'
import { type Log, SessionErased, type SessionRef, shardOf, streamExtent } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { Kysely } from 'kysely'
import type { Observable } from 'rxjs'
import type { z } from 'zod'
import { chainTail, type Database, type Schema } from '@spool/store'
import { CHECKPOINT_WATCH, DATABASE, LOG, LOGGER, SHARDS } from '../tokens.ts'
import type { CheckpointWatch } from './checkpoint-watch.ts'
import { inPieces } from './pieces.ts'
import { CannotAnswer, QueryRefusal } from './refusals.ts'

export interface AnsweringContext {
  readonly kysely: Kysely<Schema>
  readonly log: Log
  readonly shards: number
  /** Resolves once all is stored that the log holds now; rejects with `behind` when that takes too long. */
  untilNow(patienceMs?: number): Promise<void>
  /** Resolves once a position is stored, or at once where the log does not reach so far; rejects with `behind`. */
  untilStored(ref: SessionRef, seq: number): Promise<void>
}

/** What all answers have in common: the question is checked, a position it names is waited for, failures are told. */
@Injectable()
export class Answers {
  private readonly context: AnsweringContext

  constructor(
    @Inject(DATABASE) { kysely }: Database,
    @Inject(LOG) private readonly log: Log,
    @Inject(SHARDS) private readonly shards: number,
    @Inject(CHECKPOINT_WATCH) private readonly watch: CheckpointWatch,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.context = {
      kysely,
      log,
      shards,
      untilNow: (patienceMs) => this.untilNow(patienceMs),
      untilStored: (ref, seq) => this.untilStored(ref, seq),
    }
  }

  async to<Ask>(
    schema: z.ZodType<Ask> | null,
    data: unknown,
    answer: (context: AnsweringContext, ask: Ask) => Promise<unknown>,
  ): Promise<Observable<string>> {
    try {
      const ask = schema === null ? (undefined as Ask) : parsed(schema, data)
      await this.passAtLeast(ask)
      return inPieces(await answer(this.context, ask))
    } catch (error) {
      if (error instanceof RpcException) throw error
      this.logger.warn({ err: error }, 'A query was not answered')
      throw new CannotAnswer()
    }
  }

  /** Of a session that clients may still use: of one that was erased nothing is answered but that. */
  ofLiving<Ask extends SessionRef>(
    schema: z.ZodType<Ask>,
    data: unknown,
    answer: (context: AnsweringContext, ask: Ask) => Promise<unknown>,
  ): Promise<Observable<string>> {
    return this.to(schema, data, async (context, ask) => {
      const answered = await answer(context, ask)
      if ((await chainTail(context.kysely, ask)).erased)
        throw new QueryRefusal('erased', new SessionErased(ask.session).message)
      return answered
    })
  }

  private async passAtLeast(ask: unknown): Promise<void> {
    const { atLeast, ...ref } = (ask ?? {}) as Partial<SessionRef> & { atLeast?: { seq: number } | null }
    if (atLeast != null) await this.watch.passed(shardOf(ref as SessionRef, this.shards), atLeast.seq)
  }

  private async untilStored(ref: SessionRef, seq: number): Promise<void> {
    const shard = shardOf(ref, this.shards)
    const { lastSeq } = await streamExtent(this.log, shard)
    if (seq <= lastSeq) await this.watch.passed(shard, seq)
  }

  private async untilNow(patienceMs?: number): Promise<void> {
    const shards = Array.from({ length: this.shards }, async (_, shard) => {
      const { lastSeq } = await streamExtent(this.log, shard)
      await this.watch.passed(shard, lastSeq, patienceMs)
    })
    await Promise.all(shards)
  }
}

function parsed<Ask>(schema: z.ZodType<Ask>, data: unknown): Ask {
  const result = schema.safeParse(data)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new QueryRefusal('bad_query', `${issue?.path.join('.')}: ${issue?.message}`)
}
