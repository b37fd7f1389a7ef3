import { Inject, Injectable } from '@nestjs/common'
import type { Cursor } from '@spool/events'
import { ArchiveUnavailable, type Queries, type SessionRef } from '@spool/log'
import { QUERIES } from '../tokens.ts'

/** Longer than persistence itself waits for what it is asked to have seen. */
const ANSWER_TIMEOUT_MS = 6500
const GLANCE_TIMEOUT_MS = 1000

export interface Place {
  epoch: number
  seq: number
}

/** Of all that persistence says about a run, what the gateway looks at. */
export interface RunSnapshot {
  first_seq: number
  /** null: still open. */
  last_seq: number | null
}

/** Of when a snapshot is to be: now, with all up to a position that its reader was told of, or as it was at a cursor. */
export type Moment = number | Cursor

export type KnownWindow = { seq: number } & ({ first: number; last: number | null } | { first?: undefined })

/** The questions that persistence answers for the gateway. A snapshot stands at its cursor. */
@Injectable()
export class Snapshots {
  constructor(@Inject(QUERIES) private readonly queries: Queries) {}

  sessions(tenant: string, limit: number, before?: string) {
    return this.ask<{ sessions: { cursor: Place }[]; next: string | null }>('sessions', { tenant, limit, before })
  }

  session(ref: SessionRef, moment: Moment) {
    return this.ask<{ session: Record<string, unknown>; cursor: Place } | null>('session', of(ref, moment))
  }

  /** Resolves once all up to a position is stored. Asked for a short while only: who was asked may have died meanwhile. */
  stored(ref: SessionRef, position: number): Promise<unknown> {
    return this.glance('tail', { ...of(ref, position) })
  }

  /** `last`: the page begins so many before the end; `from` says then after which position, 0 being the beginning. */
  messages(
    ref: SessionRef,
    moment: Moment,
    page: { limit: number; after?: string | number | undefined; last?: number | undefined },
  ) {
    return this.ask<{ messages: unknown[]; next: string | null; from?: number; cursor: Place } | null>('messages', {
      ...of(ref, moment),
      ...page,
    })
  }

  message(ref: SessionRef, moment: Moment, message: string) {
    return this.ask<{ message: Record<string, unknown>; cursor: Place } | null>('message', {
      ...of(ref, moment),
      message,
    })
  }

  raw(ref: SessionRef, atLeast: number, message: string) {
    return this.ask<{ cursor: Place } | null>('raw', { ...of(ref, atLeast), message })
  }

  run(ref: SessionRef, moment: Moment, run: string) {
    return this.ask<{ run: RunSnapshot; cursor: Place } | null>('run', { ...of(ref, moment), run })
  }

  confirmations(ref: SessionRef, moment: Moment) {
    return this.ask<{ confirmations: unknown[]; cursor: Place } | null>('confirmations', of(ref, moment))
  }

  artifacts(ref: SessionRef, moment: Moment) {
    return this.ask<{ artifacts: unknown[]; cursor: Place } | null>('artifacts', of(ref, moment))
  }

  /**
   * Where a run's window lies, as far as persistence says so quickly. `seq`: how far it knows the session. `null`: it
   * does not know the session, or says nothing.
   */
  async runWindow(ref: SessionRef, run: string): Promise<KnownWindow | null> {
    try {
      const known = await this.runPlace(ref, run)
      if (known !== null) return known
      const session = await this.glance<{ cursor: Place }>('session', { ...ref })
      // Asked again: it may have been stored between the two answers.
      return (await this.runPlace(ref, run)) ?? (session === null ? null : { seq: session.cursor.seq })
    } catch (error) {
      if (error instanceof ArchiveUnavailable) return null
      throw error
    }
  }

  /**
   * Where a message begins, as far as persistence says so quickly; `first` is left out where it does not know the
   * message. `seq`: how far it knows the session; 0 where it does not, or says nothing.
   */
  async messagePlace(ref: SessionRef, message: string): Promise<{ seq: number; first?: number }> {
    try {
      const session = await this.glance<{ cursor: Place }>('session', { ...ref })
      const found = await this.glance<{ message: { first_seq: number } }>('message', { ...ref, message })
      const seq = session?.cursor.seq ?? 0
      return found === null ? { seq } : { seq, first: found.message.first_seq }
    } catch (error) {
      if (error instanceof ArchiveUnavailable) return { seq: 0 }
      throw error
    }
  }

  private async runPlace(ref: SessionRef, run: string): Promise<KnownWindow | null> {
    const known = await this.glance<{ run: RunSnapshot; cursor: Place }>('run', { ...ref, run })
    return known === null ? null : { first: known.run.first_seq, last: known.run.last_seq, seq: known.cursor.seq }
  }

  private glance<T>(name: string, data: object): Promise<T | null> {
    return this.queries.ask<T | null>(name, data, GLANCE_TIMEOUT_MS)
  }

  private ask<T>(name: string, data: object): Promise<T> {
    return this.queries.ask<T>(name, data, ANSWER_TIMEOUT_MS)
  }
}

function of(ref: SessionRef, moment: Moment): object {
  if (typeof moment !== 'number') return { ...ref, at: moment }
  return moment > 0 ? { ...ref, atLeast: { seq: moment } } : { ...ref }
}
