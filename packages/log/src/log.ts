import type { NamedType } from '@spool/events'
import type { Archive } from './archive/archive.ts'
import type { Bus } from './connecting/bus.ts'
import { ArchiveUnavailable, CursorLost, type LogFull, SessionErased } from './errors.ts'
import type { SessionRef } from './naming/session-ref.ts'
import { shardOf } from './naming/session-ref.ts'
import { Subjects } from './naming/subjects.ts'
import type { Deployment } from './provisioning/deployment.ts'
import { openDeployment } from './provisioning/deployment.ts'
import { endOfSubject, isOnSubject } from './reading/from-leader.ts'
import { fromStream } from './reading/from-stream.ts'
import { Horizon } from './reading/horizon.ts'
import type { StoredEvent } from './stored-event.ts'
import { retryDelay, unlessAborted } from './waiting.ts'

export interface Cursor {
  readonly epoch: number
  readonly seq: number
}

export interface ChainEnd {
  readonly seq: number
  /** `null` where only the archive holds it. */
  readonly id: string | null
  /** The same. */
  readonly type: string | null
  readonly erased: boolean
}

/** The one event that an erased session keeps. It fences every writer. */
export const ERASED: NamedType = 'session.erased'

/** The chains of all sessions: where they end and what is in them. Appending is the `ChainWriter`'s business. */
export class Log {
  readonly subjects: Subjects
  readonly horizon: Horizon
  /** Told when an append of this process begins to wait in front of a full stream. */
  onFull: (error: LogFull) => void = () => undefined

  private constructor(
    readonly bus: Bus,
    readonly archive: Archive,
    deployment: Deployment,
  ) {
    this.subjects = new Subjects(deployment.shards)
    this.horizon = new Horizon(bus, archive, deployment)
  }

  /** Opens what the provisioner made. Refuses a deployment with another number of shards. */
  static async open(bus: Bus, archive: Archive, shards = 1): Promise<Log> {
    return new Log(bus, archive, await openDeployment(bus, shards))
  }

  /** The epoch that the session's shard is in; given a position, the one in which that was given out. */
  epochOf(ref: SessionRef, seq = Infinity): number {
    return this.horizon.epochAt(shardOf(ref, this.subjects.shards), seq)
  }

  /** The session's last position as the stream's leader has it; where JetStream holds nothing, as the archive has it. */
  async lastPosition(ref: SessionRef, signal?: AbortSignal): Promise<number> {
    return (await this.end(ref, signal)).seq
  }

  /** The last position, and whether its event is the one that erased the session. */
  async end(ref: SessionRef, signal?: AbortSignal): Promise<ChainEnd> {
    const last = await endOfSubject(this.bus, this.subjects.logStream(ref), this.subjects.log(ref))
    if (last !== null) return { seq: last.seq, id: last.id, type: last.type, erased: last.type === ERASED }
    // Empty is not new: its events may have left JetStream, or it was erased.
    const tail = await this.askArchive(() => this.archive.tail(ref), signal)
    if (tail.erased) throw new SessionErased(ref.session)
    return { seq: tail.seq, id: null, type: null, erased: false }
  }

  /**
   * The session's events with `after < seq <= until`, one unbroken chain: from JetStream where they still are,
   * else from the archive. `after` is 0 or the position of one of its events, `until` one that is stored on its
   * subject. Ends before it only where what lies there is no part of the chain: a writer that slept until its
   * session had left JetStream may have appended behind the chain's end.
   *
   * @param through an ordered consumer of this session alone, where somebody goes through it slowly
   * @param patience ends the waiting for an archive that is away; by default whatever ends the rest does
   */
  async *read(
    ref: SessionRef,
    after: number,
    until: number,
    signal?: AbortSignal,
    patience = signal,
    through?: 'consumer',
  ): AsyncGenerator<StoredEvent, void, undefined> {
    const stream = this.subjects.logStream(ref)
    const subject = this.subjects.log(ref)
    let at = after
    while (at < until) {
      const looking = this.horizon.looked()
      if (looking !== undefined) await unlessAborted(looking, signal)
      const before = at
      let endIsStray = false
      const range = { stream, subject, epoch: this.epochOf(ref), after: at, until, signal, through }
      for await (const event of fromStream(this.bus, range)) {
        signal?.throwIfAborted()
        if (event.prev > at) {
          // All that the archive has before it: where that goes on after `event.prev`, the event is no part of the chain.
          for await (const older of this.fromArchive(ref, at, event.seq - 1, patience)) {
            at = older.seq
            yield older
          }
          if (at < event.prev && event.type === ERASED) throw new SessionErased(ref.session)
          if (at < event.prev) throw this.brokenAt(ref, at, event.prev)
        }
        endIsStray = event.prev < at && event.seq === until
        if (event.prev !== at) continue
        at = event.seq
        yield event
      }
      if (at > before) continue
      for await (const older of this.fromArchive(ref, at, until, patience)) {
        at = older.seq
        yield older
      }
      // Unless the reader stands on something that a store which came back behind has lost.
      if (endIsStray && (await this.isStored(ref, at))) return
      if (at < until) throw this.brokenAt(ref, at, until)
    }
  }

  /** Throws `CursorLost` unless the cursor is the beginning or the place of one of the session's events. */
  async check(ref: SessionRef, cursor: Cursor, signal?: AbortSignal): Promise<void> {
    if (cursor.seq === 0) return
    const text = `${cursor.epoch}-${cursor.seq}`
    const looking = this.horizon.looked()
    if (looking !== undefined) await unlessAborted(looking, signal)
    // Somebody may have begun an epoch that this process has not heard of.
    if (cursor.epoch > this.epochOf(ref)) await unlessAborted(this.horizon.verify(), signal)
    const current = this.epochOf(ref)
    if (cursor.epoch > current) throw new CursorLost(text, 'this store has not been in that epoch')
    if (cursor.epoch === current) {
      const here = await isOnSubject(this.bus, this.subjects.logStream(ref), this.subjects.log(ref), cursor.seq)
      if (here) return
    }
    const stored = await this.askArchive(() => this.archive.has(ref, cursor.epoch, cursor.seq), signal)
    if (!stored) throw new CursorLost(text, 'the session has no event at that position')
  }

  /** Asks until somebody answers: while the archive is away, what is not in JetStream is unknown, not absent. */
  async askArchive<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        signal?.throwIfAborted()
        return await unlessAborted(ask(), signal)
      } catch (error) {
        if (!(error instanceof ArchiveUnavailable)) throw error
        await retryDelay(attempt, signal)
      }
    }
  }

  /** Whether the session has an event at that position, wherever it lies. */
  async isStored(ref: SessionRef, seq: number): Promise<boolean> {
    if (await isOnSubject(this.bus, this.subjects.logStream(ref), this.subjects.log(ref), seq)) return true
    for await (const event of this.archive.read(ref, seq - 1, seq)) if (event.seq === seq) return true
    return false
  }

  /** What the archive holds of the chain in `(after, until]`. */
  private async *fromArchive(
    ref: SessionRef,
    after: number,
    until: number,
    patience?: AbortSignal,
  ): AsyncGenerator<StoredEvent, void, undefined> {
    let at = after
    for (let attempt = 0; ; attempt++) {
      try {
        for await (const event of this.archive.read(ref, at, until)) {
          if (event.prev !== at) continue
          at = event.seq
          yield event
        }
        return
      } catch (error) {
        if (!(error instanceof ArchiveUnavailable)) throw error
        await retryDelay(attempt, patience)
      }
    }
  }

  private brokenAt(ref: SessionRef, at: number, until: number): CursorLost {
    return new CursorLost(`${this.epochOf(ref)}-${at}`, `its session's events up to ${until} do not follow from it`)
  }
}
