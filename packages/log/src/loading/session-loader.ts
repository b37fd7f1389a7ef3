import { type SessionState, emptySession, fold } from '@spool/events'
import { ArchiveUnavailable, LogBehind } from '../errors.ts'
import type { Log } from '../log.ts'
import { type SessionRef, shardOf } from '../naming/session-ref.ts'
import type { StoredEvent } from '../stored-event.ts'
import { unlessAborted } from '../waiting.ts'
import { SessionCache } from './session-cache.ts'

/** Folds one stored event. What does not parse changes nothing but the position. */
export function foldStored(state: SessionState, stored: StoredEvent): SessionState {
  const event = stored.event()
  return event === null ? { ...state, seq: Math.max(state.seq, stored.seq) } : fold(state, { seq: stored.seq, event })
}

/**
 * The state of sessions, as of the leader's last position at the time of the call. Keeps the last used ones, so
 * that a step usually folds only what has come since the one before.
 */
export class SessionLoader {
  private readonly cached: SessionCache

  constructor(
    private readonly log: Log,
    maxCached = 500,
  ) {
    this.cached = new SessionCache(maxCached)
  }

  /** `patience` ends the waiting for an archive that is away and alone knows what the session is; no other wait. */
  async load(ref: SessionRef, signal?: AbortSignal, patience = signal): Promise<SessionState> {
    const shard = shardOf(ref, this.log.subjects.shards)
    // While the log has lost data it says of sessions what was so long ago.
    const looking = this.log.horizon.mayAppend(shard)
    if (looking !== undefined) await unlessAborted(looking, signal)
    const epoch = this.log.epochOf(ref)
    let last = await this.log.lastPosition(ref, patience)
    let state = this.cached.get(this.key(ref)) ?? (await this.fromArchive(ref, last))
    // What is cached or archived may have moved on since the position was asked for; the log must have too.
    if (state.seq > last) last = await this.log.lastPosition(ref, signal)
    if (state.seq > last) {
      this.forget(ref)
      throw new LogBehind(state.seq, last)
    }
    for await (const stored of this.log.read(ref, state.seq, last, signal, patience)) state = foldStored(state, stored)
    if (this.log.epochOf(ref) !== epoch) return this.load(ref, signal, patience)
    this.keep(ref, state)
    return state
  }

  /** A later state that the caller has folded itself. */
  keep(ref: SessionRef, state: SessionState): void {
    this.cached.set(this.key(ref), state)
  }

  forget(ref: SessionRef): void {
    this.cached.delete(this.key(ref))
  }

  /** While the archive is away the chain is folded from its beginning, as far as JetStream has it. */
  private async fromArchive(ref: SessionRef, last: number): Promise<SessionState> {
    if (last === 0) return emptySession()
    try {
      return (await this.log.archive.state(ref)) ?? emptySession()
    } catch (error) {
      if (error instanceof ArchiveUnavailable) return emptySession()
      throw error
    }
  }

  /** What was folded in an earlier epoch may hold events that are lost. */
  private key(ref: SessionRef): string {
    return `${this.log.epochOf(ref)} ${ref.tenant}/${ref.session}`
  }
}
