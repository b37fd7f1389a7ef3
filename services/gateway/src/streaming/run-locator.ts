import { Inject, Injectable } from '@nestjs/common'
import {
  ClosedWindow,
  eventAt,
  type Feed,
  type Log,
  queuedRuns,
  RunTracker,
  RunWindow,
  type Selection,
  type SessionRef,
} from '@spool/log'
import { Snapshots } from '../reading/snapshots.ts'
import { LOG } from '../tokens.ts'

/** A run's window on the session's chain. */
export interface LocatedRun {
  /** The position that a follower of the whole window begins after. */
  readonly before: number
  /** Of the window's last event; `null` while it is open. */
  readonly last: number | null
  /** For a follower who begins anywhere in the window. */
  select(): Selection
}

interface Found {
  readonly tracker: RunTracker
  /** How far the tracker has read. */
  until: number
  readonly before: number
}

/**
 * Finds a run's window. One that is over the archive knows for good. For any other the log is read from its first
 * event on (the archive may be behind), once per feed: whoever comes next goes on from there. While the archive is away
 * the log alone is read.
 */
@Injectable()
export class RunLocator {
  private readonly found = new WeakMap<Feed, Map<string, Found>>()

  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
  ) {}

  /** The run as of `tail`, a position of the session's chain. `null`: there is none of that name. */
  async locate(feed: Feed, id: string, tail: number, signal: AbortSignal): Promise<LocatedRun | null> {
    const runs = this.found.get(feed) ?? new Map<string, Found>()
    this.found.set(feed, runs)
    const known = runs.get(id) ?? (await this.find(feed.ref, id, tail, signal))
    if (known === null || !('tracker' in known)) return known
    runs.set(id, known)
    await this.readOn(feed.ref, known, tail, signal)
    const run = known.tracker.of(id)
    return run === undefined ? null : { before: known.before, last: run.lastSeq, select: () => new RunWindow(id, run) }
  }

  /** The same as of now. One that is asked for and not begun yet is to begin behind what there is. */
  async await(feed: Feed, id: string, signal: AbortSignal): Promise<LocatedRun | null> {
    const found = await this.locate(feed, id, feed.tail, signal)
    if (found !== null) return found
    const queued = await queuedRuns(this.log, feed.ref, signal)
    // Its beginning may have been missed here, or is a moment old.
    await feed.verify()
    const { tail } = feed
    const begun = await this.locate(feed, id, tail, signal)
    return begun ?? (queued.includes(id) ? { before: tail, last: null, select: () => new RunWindow(id) } : null)
  }

  private async find(
    ref: SessionRef,
    id: string,
    tail: number,
    signal: AbortSignal,
  ): Promise<Found | LocatedRun | null> {
    const archived = await this.snapshots.runWindow(ref, id)
    if (archived?.first === undefined) return this.search(ref, id, archived?.seq ?? 0, tail, signal)
    const { first, last } = archived
    const { prev: before } = await eventAt(this.log, ref, first, signal)
    if (last !== null) return { before, last, select: () => new ClosedWindow(first, last) }
    return { tracker: new RunTracker(id), until: before, before }
  }

  /** Where a follower of a run begins that has just been accepted with its first position. */
  async beforeFirst(ref: SessionRef, first: number, tailBefore: number, signal: AbortSignal): Promise<number> {
    if (tailBefore < first) return tailBefore
    return (await eventAt(this.log, ref, first, signal)).prev
  }

  /** The archive does not know the run: it begins after what the archive has. */
  private async search(
    ref: SessionRef,
    id: string,
    after: number,
    tail: number,
    signal: AbortSignal,
  ): Promise<Found | null> {
    const tracker = new RunTracker(id)
    for await (const event of this.log.read(ref, after, tail, signal)) {
      tracker.fold(event)
      if (tracker.of(id) !== undefined) return { tracker, until: event.seq, before: event.prev }
    }
    return null
  }

  private async readOn(ref: SessionRef, found: Found, tail: number, signal: AbortSignal): Promise<void> {
    for await (const event of this.log.read(ref, found.until, tail, signal)) {
      // Others may have read on meanwhile.
      if (event.seq <= found.until) continue
      found.tracker.fold(event)
      found.until = event.seq
    }
  }
}
