import { Inject, Injectable } from '@nestjs/common'
import type { SessionState } from '@spool/events'
import { type Log, SessionErased, SessionLoader, type SessionRef } from '@spool/log'
import { LOG } from '../tokens.ts'

const MOST_SESSIONS = 50

/** What the log says of sessions. */
@Injectable()
export class SessionStates {
  private readonly loader: SessionLoader
  private readonly loading = new Map<string, Promise<SessionState>>()

  constructor(@Inject(LOG) log: Log) {
    this.loader = new SessionLoader(log, MOST_SESSIONS)
  }

  /** As of now. */
  async load(ref: SessionRef, signal: AbortSignal): Promise<SessionState> {
    const state = await this.loader.load(ref, signal)
    if (state.erased) throw new SessionErased(ref.session)
    return state
  }

  /** As of a moment ago: many who ask at once are one question. */
  glance(ref: SessionRef, signal: AbortSignal): Promise<SessionState> {
    const key = `${ref.tenant}/${ref.session}`
    const known = this.loading.get(key)
    if (known !== undefined) return known
    const loading = this.load(ref, signal).finally(() => this.loading.delete(key))
    this.loading.set(key, loading)
    return loading
  }
}
