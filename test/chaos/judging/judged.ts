import type { ReportedUsage } from '@spool/events'
import type { OutsideWorld } from '../../e2e/support/outside-world.ts'
import type { ClientLog } from '../client-log.ts'
import type { Plot } from '../playing/kinds.ts'

/** The running system, as far as the judge needs it. Nothing may stand between it and the judge any more. */
export interface JudgedSystem {
  readonly urls: readonly string[]
  readonly key: string
  /** As the judge reads the log itself: of a user who may read all of it. */
  readonly natsUrl: string
  readonly databaseUrl: string
  readonly world: OutsideWorld
  /** What the provider that is none of the demo's has reported, by the id of its response. */
  readonly reported?: ReadonlyMap<string, ReportedUsage>
}

/** A run as whoever began it knows it. */
export interface JudgedRun {
  readonly plot: Plot
  readonly session: string
  /** As the first answer to the request named it; empty: nobody ever said. */
  readonly run: string
  /** Of the request. */
  readonly key?: string
  /** Each id that an answer to the request named, the repeated ones too. */
  readonly told?: readonly string[]
  /** What its answer says in the end, where that is known in advance. */
  readonly script?: string
  /** Another message of its session was sent to end it. */
  readonly isInterrupted?: boolean
  /** What somebody who cancelled it was told, as a status. */
  readonly cancelTold?: number | undefined
  /** All that was said over HTTP to those who answered its questions. */
  readonly answered?: readonly Answered[]
  readonly faults: readonly string[]
}

export interface Answered {
  readonly confirmation: string
  readonly action: string
  /** Each request has one of its own, and keeps it when it is sent again. */
  readonly key: string
  readonly status: number
}

export interface JudgedPlay {
  readonly runs: readonly JudgedRun[]
  readonly logs: readonly ClientLog[]
}

/** Something that was done to the system, in ms of the monotonic clock. */
export interface JudgedFault {
  readonly kind: string
  readonly target: string
  readonly at: number
  readonly overAt: number
}
