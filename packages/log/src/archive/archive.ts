import type { SessionState } from '@spool/events'
import type { SessionRef } from '../naming/session-ref.ts'
import type { StoredEvent } from '../stored-event.ts'

/** The end of a session's chain, as the archive holds it. */
export interface ArchiveTail {
  readonly seq: number
  readonly erased: boolean
}

/**
 * The history that has left JetStream. Persistence answers for it; here is only what the spine asks.
 * Every call rejects with `ArchiveUnavailable` while nobody answers.
 */
export interface Archive {
  /** The last stored event of the session; `seq` 0 for one that was never seen. */
  tail(ref: SessionRef): Promise<ArchiveTail>
  /** The session's stored events with `after < seq <= until`, in order. */
  read(ref: SessionRef, after: number, until: number): AsyncIterable<StoredEvent>
  /** Whether the session has an event at this position, of this epoch or an earlier one. */
  has(ref: SessionRef, epoch: number, seq: number): Promise<boolean>
  /** The fold of the session's stored events, and where it stands. `null` for a session never seen. */
  state(ref: SessionRef): Promise<SessionState | null>
  /** The highest position ever stored, by shard. */
  heights(): Promise<readonly number[]>
}
