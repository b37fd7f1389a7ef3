import { Inject, Injectable } from '@nestjs/common'
import { type Cursor, formatCursor } from '@spool/events'
import { CursorLost, type Feed } from '@spool/log'
import { sessionNotFound, storeUnavailable } from '../problems/known-problems.ts'
import { Snapshots } from '../reading/snapshots.ts'
import { inTime } from '../serving/in-time.ts'
import { countResume } from './stream-metrics.ts'

const CHECK_TIMEOUT_MS = 5000

export interface StartingPoint {
  after: number
  /** To be told first, where the client's cursor cannot be continued. */
  reset?: Reset
}

export interface Reset {
  readonly reason: string
  /** Where it goes on. */
  readonly cursor: string
  /** As it is there. */
  readonly session: Readonly<Record<string, unknown>>
}

export function resetFrame(reset: Reset): Uint8Array {
  return Buffer.from(`id: ${reset.cursor}\nevent: reset\ndata: ${JSON.stringify(reset)}\n\n`)
}

/** Finds out whether a follower can go on where it was. */
@Injectable()
export class Resumption {
  constructor(@Inject(Snapshots) private readonly snapshots: Snapshots) {}

  async from(feed: Feed, cursor: Cursor): Promise<StartingPoint> {
    if (cursor.seq === 0) return { after: 0 }
    try {
      await inTime(CHECK_TIMEOUT_MS, storeUnavailable, () => feed.check(cursor))
      // It is stored, so what this process has not heard of yet it has missed.
      if (cursor.seq > feed.tail) await inTime(CHECK_TIMEOUT_MS, storeUnavailable, () => feed.reach(cursor.seq))
      const nearby = cursor.seq === feed.tail || feed.ring.after(cursor.seq) !== undefined
      countResume(nearby ? 'ring' : 'log', 'resumed')
      return { after: cursor.seq }
    } catch (error) {
      if (!(error instanceof CursorLost)) throw error
      countResume('none', 'reset')
      return this.reset(feed, error.reason)
    }
  }

  /** Never a silent skip: the client hears why, is given the session as it is, and goes on from there. */
  private async reset({ ref, tail }: Feed, reason: string): Promise<StartingPoint> {
    const snapshot = await this.snapshots.session(ref, tail)
    if (snapshot === null) throw sessionNotFound(ref.session)
    const cursor = formatCursor(snapshot.cursor)
    return { after: snapshot.cursor.seq, reset: { reason, cursor, session: snapshot.session } }
  }
}
