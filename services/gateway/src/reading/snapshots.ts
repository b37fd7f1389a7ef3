import { Inject, Injectable } from '@nestjs/common'
import type { RunState } from '@spool/events'
import { ArchiveUnavailable, type Queries, type SessionRef } from '@spool/log'
import { QUERIES } from '../tokens.ts'

/** Longer than persistence itself waits for what it is asked to have seen. */
const ANSWER_TIMEOUT_MS = 6500
const GLANCE_TIMEOUT_MS = 1000

export interface Place {
  epoch: number
  seq: number
}

/** The questions that persistence answers for the gateway. A snapshot stands at its cursor. */
@Injectable()
export class Snapshots {
  constructor(@Inject(QUERIES) private readonly queries: Queries) {}

  sessions(tenant: string, limit: number, before?: string) {
    return this.ask<{ sessions: unknown[]; next: string | null }>('sessions', { tenant, limit, before })
  }

  session(ref: SessionRef, atLeast: number) {
    return this.ask<{ session: Record<string, unknown>; cursor: Place } | null>('session', of(ref, atLeast))
  }

  messages(ref: SessionRef, atLeast: number, page: { limit?: number; after?: string }) {
    return this.ask<{ messages: unknown[]; cursor: Place }>('messages', { ...of(ref, atLeast), ...page })
  }

  message(ref: SessionRef, atLeast: number, message: string) {
    return this.ask<{ message: Record<string, unknown>; cursor: Place } | null>('message', {
      ...of(ref, atLeast),
      message,
    })
  }

  run(ref: SessionRef, atLeast: number, run: string) {
    return this.ask<{ run: RunState; cursor: Place } | null>('run', { ...of(ref, atLeast), run })
  }

  /** Whatever persistence says quickly; `null` also when it says nothing. */
  async runIfKnown(ref: SessionRef, run: string): Promise<{ run?: RunState; seq: number } | null> {
    try {
      const known = await this.queries.ask<{ run: RunState; cursor: Place } | null>(
        'run',
        { ...ref, run },
        GLANCE_TIMEOUT_MS,
      )
      if (known !== null) return { run: known.run, seq: known.cursor.seq }
      const session = await this.queries.ask<{ cursor: Place } | null>('session', { ...ref }, GLANCE_TIMEOUT_MS)
      return session === null ? null : { seq: session.cursor.seq }
    } catch (error) {
      if (error instanceof ArchiveUnavailable) return null
      throw error
    }
  }

  private ask<T>(name: string, data: object): Promise<T> {
    return this.queries.ask<T>(name, data, ANSWER_TIMEOUT_MS)
  }
}

function of(ref: SessionRef, atLeast: number): object {
  return atLeast > 0 ? { ...ref, atLeast: { seq: atLeast } } : { ...ref }
}
