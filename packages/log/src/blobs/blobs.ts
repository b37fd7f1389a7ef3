import { createHash } from 'node:crypto'
import type { MsgRequest } from '@nats-io/jetstream'
import { JetStreamApiError } from '@nats-io/jetstream'
import { newId } from '@spool/events'
import { outcomeOfFailure } from '../appending/publish-outcome.ts'
import type { Bus } from '../connecting/bus.ts'
import { BlobBroken, BlobStoreFull, BlobTooLarge, BusUnavailable } from '../errors.ts'
import { type SessionRef, isId } from '../naming/session-ref.ts'
import { askLeader } from '../reading/from-leader.ts'
import type { ArchivedBlob, BlobArchive } from './blob-archive.ts'

export interface Blob {
  readonly bytes: Uint8Array
  readonly mediaType: string
  readonly size: number
}

/** A blob that is read as it comes. */
export interface OpenBlob {
  readonly mediaType: string
  readonly size: number
  /** `SHA-256=…`, of all its bytes. */
  readonly digest: string
  /** Ends with `BlobBroken` where it is not what was put: its session was erased meanwhile, or the store lost a part. */
  readonly chunks: AsyncIterable<Uint8Array>
}

/** What lies beside the chunks, as every object store of NATS has it. */
interface Described {
  readonly name: string
  readonly bucket: string
  readonly nuid: string
  readonly size: number
  readonly chunks: number
  readonly digest: string
  readonly mtime: string
  readonly metadata: { readonly media_type: string }
}

/** The largest there may be: it is held in memory while it is put. */
export const MAX_BLOB_BYTES = 10 * 1024 ** 2

const BUCKET = 'BLOBS'
const STREAM = `OBJ_${BUCKET}`
const CHUNK_BYTES = 128 * 1024

/**
 * What is larger than an event. The bucket of an object store, chunks and then a document that describes them, with one
 * difference: tenant and session are tokens of the subjects. So all of a session, and what a put that died has left of
 * it, goes with a single purge, and nobody ever has to list the bucket. Blobs never change: each put has an id of its own.
 */
export class Blobs {
  constructor(
    private readonly bus: Bus,
    /** Without it, only what is in NATS is found. */
    private readonly archive?: BlobArchive,
  ) {}

  /** Resolves with the blob's id once it is safe. Not tried again: whoever does gets another id. */
  async put(ref: SessionRef, bytes: Uint8Array, mediaType: string): Promise<string> {
    const id = newId()
    try {
      await this.putAs(ref, id, placeOf(ref, id), bytes, mediaType)
    } catch (error) {
      // What this cannot reach now goes with the session.
      this.purge(subjectOf('*', ref, id)).catch(() => undefined)
      throw error
    }
    return id
  }

  /**
   * Under the id that it had where it comes from. Again: changes nothing. What a put has left that died, or what another
   * puts back at the same time, is not mixed with it: its chunks lie at a place of their own.
   */
  async putBack(ref: SessionRef, id: string, bytes: Uint8Array, mediaType: string): Promise<void> {
    if ((await this.open(ref, id)) !== null) return
    await this.putAs(ref, id, `${placeOf(ref, id)}.${newId()}`, bytes, mediaType)
  }

  private async putAs(ref: SessionRef, id: string, nuid: string, bytes: Uint8Array, mediaType: string): Promise<void> {
    if (bytes.length > MAX_BLOB_BYTES) throw new BlobTooLarge(bytes.length, MAX_BLOB_BYTES)
    const pieces = piecesOf(bytes)
    const described: Described = {
      name: `${ref.tenant}/${ref.session}/${id}`,
      bucket: BUCKET,
      nuid,
      size: bytes.length,
      chunks: pieces.length,
      digest: digestOf(createHash('sha256').update(bytes)),
      mtime: new Date().toISOString(),
      metadata: { media_type: mediaType },
    }
    for (const piece of pieces) await this.publish(chunksOf(described), piece)
    // Last: a blob that is described is whole.
    await this.publish(descriptionOf(ref, id), JSON.stringify(described))
  }

  async get(ref: SessionRef, id: string): Promise<Blob | null> {
    const blob = await this.open(ref, id)
    if (blob === null) return null
    const chunks: Uint8Array[] = []
    for await (const chunk of blob.chunks) chunks.push(chunk)
    return { bytes: Buffer.concat(chunks), mediaType: blob.mediaType, size: blob.size }
  }

  /** `null` where the session has no such blob. */
  async open(ref: SessionRef, id: string): Promise<OpenBlob | null> {
    const message = await askLeader(this.bus, STREAM, { last_by_subj: descriptionOf(ref, id) })
    if (message === null) return this.openArchived(ref, id)
    const described = message.json<Described>()
    const { size, metadata, digest } = described
    return { mediaType: metadata.media_type, size, digest, chunks: this.chunks(ref, id, described) }
  }

  private async openArchived(ref: SessionRef, id: string): Promise<OpenBlob | null> {
    const archived = (await this.archive?.find(ref, id)) ?? null
    return archived && { ...archived, chunks: this.archivedChunks(ref, id, archived) }
  }

  /** Removes it from NATS. For one that is in Postgres: it is read from there. */
  async leave(ref: SessionRef, id: string): Promise<void> {
    await this.purge(subjectOf('*', ref, id))
    await this.purge(`$O.${BUCKET}.C.${placeOf(ref, id)}.>`)
  }

  /** Everything of a session, also what of it was never whole. Again: changes nothing. */
  async eraseOf(ref: SessionRef): Promise<void> {
    await this.purge(subjectOf('*', ref, '>'))
  }

  private async *chunks(
    ref: SessionRef,
    id: string,
    described: Described,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256')
    for (let read = 0, seq = 0; read < described.chunks; read++) {
      const query = { seq: seq + 1, next_by_subj: chunksOf(described) } as MsgRequest
      const message = await askLeader(this.bus, STREAM, query)
      // It may have left while it was being read.
      const chunk = message?.data ?? (await this.archive?.chunk(ref, id, read))
      if (!chunk) throw new BlobBroken(id)
      seq = message?.seq ?? seq
      hash.update(chunk)
      yield chunk
    }
    if (digestOf(hash) !== described.digest) throw new BlobBroken(id)
  }

  private async *archivedChunks(
    ref: SessionRef,
    id: string,
    { digest, size }: ArchivedBlob,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const hash = createHash('sha256')
    for (let number = 0, read = 0; read < size; number++) {
      const chunk = await this.archive!.chunk(ref, id, number)
      if (chunk === null) throw new BlobBroken(id)
      read += chunk.length
      hash.update(chunk)
      yield chunk
    }
    if (digestOf(hash) !== digest) throw new BlobBroken(id)
  }

  private async publish(subject: string, data: Uint8Array | string): Promise<void> {
    try {
      await this.bus.whileConnected(this.bus.js.publish(subject, data))
    } catch (error) {
      if (outcomeOfFailure(error).kind === 'full') throw new BlobStoreFull(error)
      if (error instanceof JetStreamApiError || error instanceof BusUnavailable) throw error
      throw new BusUnavailable(error)
    }
  }

  private async purge(filter: string): Promise<void> {
    try {
      await this.bus.whileConnected(this.bus.leader.streams.purge(STREAM, { filter }))
    } catch (error) {
      if (error instanceof JetStreamApiError || error instanceof BusUnavailable) throw error
      throw new BusUnavailable(error)
    }
  }
}

const chunksOf = ({ nuid }: Described) => `$O.${BUCKET}.C.${nuid}`
const descriptionOf = (ref: SessionRef, id: string) => subjectOf('M', ref, id)

function subjectOf(kind: 'M' | '*', ref: SessionRef, id: string): string {
  return `$O.${BUCKET}.${kind}.${placeOf(ref, id)}`
}

function placeOf({ tenant, session }: SessionRef, id: string): string {
  if (!isId(tenant) || !isId(session) || !(isId(id) || id === '>')) throw new TypeError('ids must be checked')
  return `${tenant}.${session}.${id}`
}

/** At least one, so that also an empty blob is there. */
function piecesOf(bytes: Uint8Array): Uint8Array[] {
  const count = Math.max(1, Math.ceil(bytes.length / CHUNK_BYTES))
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES))
}

function digestOf(hash: ReturnType<typeof createHash>): string {
  // With its padding, as the object store has it.
  const digest = hash.digest('base64').replaceAll('+', '-').replaceAll('/', '_')
  return `SHA-256=${digest}`
}
