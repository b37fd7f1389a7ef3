import type { SessionState } from '@spool/events'
import type { SessionRef } from '../naming/session-ref.ts'
import { StoredEvent } from '../stored-event.ts'
import type { Archive, ArchiveTail } from './archive.ts'
import type { Queries } from './queries.ts'

/** An event on its way from the archive; its body is what was appended, byte by byte. */
export interface ArchivedEvent {
  seq: number
  prev: number
  epoch: number
  id: string
  type: string
  trace: string | null
  /** Its text, verbatim. */
  body?: string
  /** Instead of it, for what is no text or no JSON: its bytes in base64. */
  raw?: string
}

export interface ArchivedPage {
  events: ArchivedEvent[]
  more: boolean
}

const encoder = new TextEncoder()

export function storedFromArchive({ body, raw, trace, ...place }: ArchivedEvent): StoredEvent {
  const bytes = raw === undefined ? encoder.encode(body) : new Uint8Array(Buffer.from(raw, 'base64'))
  return new StoredEvent({ ...place, trace: trace ?? undefined }, bytes)
}

/** The first events are wanted soon, the rest in few pages. */
const FIRST_PAGE = 512
const FURTHER_PAGE = 2000

export class ArchiveOverNats implements Archive {
  constructor(private readonly queries: Queries) {}

  tail(ref: SessionRef): Promise<ArchiveTail> {
    return this.queries.ask('tail', { ...ref })
  }

  async *read(ref: SessionRef, after: number, until: number): AsyncGenerator<StoredEvent, void, undefined> {
    if (after >= until) return
    const ask = (at: number, limit: number): Promise<ArchivedPage> => {
      const page = this.queries.ask<ArchivedPage>('read', { ...ref, after: at, until, limit })
      page.catch(() => undefined)
      return page
    }
    for (let next: Promise<ArchivedPage> | null = ask(after, FIRST_PAGE); next !== null;) {
      const { events, more }: ArchivedPage = await next
      const last = events.at(-1)
      // It comes while this one is worked on.
      next = more && last !== undefined ? ask(last.seq, FURTHER_PAGE) : null
      for (const archived of events) yield storedFromArchive(archived)
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
