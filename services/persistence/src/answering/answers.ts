import { Inject, Injectable } from '@nestjs/common'
import { RpcException } from '@nestjs/microservices'
import { type SessionRef, shardOf } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { Kysely } from 'kysely'
import type { Observable } from 'rxjs'
import type { z } from 'zod'
import type { Schema } from '../database/schema.ts'
import { CHECKPOINT_WATCH, DATABASE, LOGGER, SHARDS } from '../tokens.ts'
import type { Database } from '../database/open-database.ts'
import type { CheckpointWatch } from './checkpoint-watch.ts'
import { inPieces } from './pieces.ts'
import { CannotAnswer, QueryRefusal } from './refusals.ts'

export interface AnsweringContext {
  readonly kysely: Kysely<Schema>
  readonly shards: number
}

/** What all answers have in common: the question is checked, a position it names is waited for, failures are told. */
@Injectable()
export class Answers {
  constructor(
    @Inject(DATABASE) private readonly database: Database,
    @Inject(SHARDS) private readonly shards: number,
    @Inject(CHECKPOINT_WATCH) private readonly watch: CheckpointWatch,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async to<Ask>(
    schema: z.ZodType<Ask> | null,
    data: unknown,
    answer: (context: AnsweringContext, ask: Ask) => Promise<unknown>,
  ): Promise<Observable<string>> {
    try {
      const ask = schema === null ? (undefined as Ask) : parsed(schema, data)
      await this.passAtLeast(ask)
      return inPieces(await answer({ kysely: this.database.kysely, shards: this.shards }, ask))
    } catch (error) {
      if (error instanceof RpcException) throw error
      this.logger.warn({ err: error }, 'A query was not answered')
      throw new CannotAnswer()
    }
  }

  private async passAtLeast(ask: unknown): Promise<void> {
    const { atLeast, ...ref } = (ask ?? {}) as Partial<SessionRef> & { atLeast?: { seq: number } | null }
    if (atLeast != null) await this.watch.passed(shardOf(ref as SessionRef, this.shards), atLeast.seq)
  }
}

function parsed<Ask>(schema: z.ZodType<Ask>, data: unknown): Ask {
  const result = schema.safeParse(data)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new QueryRefusal('bad_query', `${issue?.path.join('.')}: ${issue?.message}`)
}
