import { Inject, Injectable } from '@nestjs/common'
import type { RunState } from '@spool/events'
import { type Feed, type Log, type SessionRef, eventAt } from '@spool/log'
import { Snapshots } from '../reading/snapshots.ts'
import { LOG } from '../tokens.ts'
import { RunTracker } from './run-window.ts'

/** A run as it stands at some end of the session's chain. */
export interface LocatedRun {
  readonly run: RunState
  /** The position that a follower of the whole window begins after. */
  readonly before: number
}

/**
 * Finds a run's window: as the archive knows it, and from there on in the log, because the archive may be behind.
 * While the archive is away the log alone is read.
 */
@Injectable()
export class RunLocator {
  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
  ) {}

  async locate({ ref }: Feed, id: string, tail: number, signal: AbortSignal): Promise<LocatedRun | null> {
    const archived = await this.snapshots.runIfKnown(ref, id)
    let run = archived?.run
    if (run === undefined || run.lastSeq === null) {
      const tracker = new RunTracker(id, run)
      for await (const event of this.log.read(ref, archived?.seq ?? 0, tail, signal)) tracker.fold(event)
      run = tracker.of(id)
    }
    if (run === undefined) return null
    const { prev } = await eventAt(this.log, ref, run.firstSeq, signal)
    return { run, before: prev }
  }

  /** Where a follower of a run begins that has just been accepted with its first position. */
  async beforeFirst(ref: SessionRef, first: number, tailBefore: number, signal: AbortSignal): Promise<number> {
    if (tailBefore < first) return tailBefore
    return (await eventAt(this.log, ref, first, signal)).prev
  }
}
