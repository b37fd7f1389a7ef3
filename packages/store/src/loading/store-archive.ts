import type { SessionState } from '@spool/events'
import { type Archive, type ArchiveTail, type SessionRef, type StoredEvent, storedFromArchive } from '@spool/log'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { chainTail, isOnChain, readChain, storedHeights } from './read-chain.ts'
import { loadSession } from './whole-session.ts'

/** The history as Postgres has it, for whoever may read there: it answers also while persistence is away. */
export class StoreArchive implements Archive {
  constructor(
    /** Asked each time, so that nobody needs Postgres who never comes here. */
    private readonly kysely: () => Promise<Kysely<Schema>>,
    private readonly shards: number,
  ) {}

  async tail(ref: SessionRef): Promise<ArchiveTail> {
    return chainTail(await this.kysely(), ref)
  }

  async *read(ref: SessionRef, after: number, until: number): AsyncGenerator<StoredEvent, void, undefined> {
    for (let at = after, more = true; more && at < until;) {
      const page = await readChain(await this.kysely(), ref, at, until)
      for (const row of page.events) {
        at = row.seq
        yield storedFromArchive(row)
      }
      more = page.more
    }
  }

  async has(ref: SessionRef, epoch: number, seq: number): Promise<boolean> {
    return isOnChain(await this.kysely(), ref, epoch, seq)
  }

  async state(ref: SessionRef): Promise<SessionState | null> {
    const loaded = await loadSession(await this.kysely(), ref, { messages: 'all', finished: true })
    return loaded?.state ?? null
  }

  async heights(): Promise<readonly number[]> {
    return storedHeights(await this.kysely(), this.shards)
  }
}
