import type { KnownSession } from '@spool/store'

/** The sessions that were written last, up to a number. */
export class SessionCache {
  private readonly sessions = new Map<string, KnownSession>()

  constructor(private readonly capacity: number) {}

  get(key: string): KnownSession | undefined {
    return this.sessions.get(key)
  }

  /** Makes it the last one to go. */
  set(key: string, session: KnownSession): void {
    this.sessions.delete(key)
    this.sessions.set(key, session)
    if (this.sessions.size > this.capacity) this.sessions.delete(this.sessions.keys().next().value!)
  }

  clear(): void {
    this.sessions.clear()
  }
}
