import type { Queries } from '../archive/queries.ts'
import type { SessionRef } from '../naming/session-ref.ts'

export interface ArchivedBlob {
  readonly mediaType: string
  readonly size: number
  readonly digest: string
}

/** The blobs that have left NATS. Persistence answers for them: `ArchiveUnavailable` while nobody does. */
export class BlobArchive {
  constructor(private readonly queries: Queries) {}

  find(ref: SessionRef, id: string): Promise<ArchivedBlob | null> {
    return this.queries.ask('blob', { ...ref, id })
  }

  /** In the pieces in which it was put, from 0 on; `null` beyond the last. */
  async chunk(ref: SessionRef, id: string, number: number): Promise<Uint8Array | null> {
    const text = await this.queries.ask<string | null>('blob_chunk', { ...ref, id, number })
    return text === null ? null : Buffer.from(text, 'base64')
  }
}
