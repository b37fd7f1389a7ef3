import type { SessionState } from '@spool/events'
import type { SessionRef } from '../naming/session-ref.ts'
import { StoredEvent } from '../stored-event.ts'
import type { Archive, ArchiveTail } from './archive.ts'
import type { Queries } from './queries.ts'

/** An event on its way from the archive; the body is the text that was appended, verbatim. */
export interface ArchivedEvent {
  seq: number
  prev: number
  epoch: number
  id: string
  type: string
  trace: string | null
  body: string
}

export interface ArchivedPage {
  events: ArchivedEvent[]
  more: boolean
}

const encoder = new TextEncoder()

export class ArchiveOverNats implements Archive {
  constructor(private readonly queries: Queries) {}

  tail(ref: SessionRef): Promise<ArchiveTail> {
    return this.queries.ask('tail', { ...ref })
  }

  async *read(ref: SessionRef, after: number, until: number): AsyncGenerator<StoredEvent, void, undefined> {
    for (let at = after, more = true; more && at < until;) {
      const page: ArchivedPage = await this.queries.ask('read', { ...ref, after: at, until })
      for (const archived of page.events) {
        at = archived.seq
        yield new StoredEvent({ ...archived, trace: archived.trace ?? undefined }, encoder.encode(archived.body))
      }
      more = page.more
    }
  }

  has(ref: SessionRef, epoch: number, seq: number): Promise<boolean> {
    return this.queries.ask('has', { ...ref, epoch, seq })
  }

  state(ref: SessionRef): Promise<SessionState | null> {
    return this.queries.ask('state', { ...ref })
  }

  heights(): Promise<readonly number[]> {
    return this.queries.ask('heights', {})
  }
}
