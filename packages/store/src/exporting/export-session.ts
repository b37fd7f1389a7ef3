import { blobsOf, formatCursor, parseEvent } from '@spool/events'
import { BlobBroken, type OpenBlob, type SessionRef } from '@spool/log'
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { inOneView } from '../loading/in-one-view.ts'
import { chunkOfBlob, copiedBlob } from '../storing/copy-blob.ts'
import { ChainBroken, chainFault } from './chain-fault.ts'
import {
  type BlobLine,
  type ChunkLine,
  type EndLine,
  eventLine,
  type ExportedEvent,
  type MissingBlobLine,
  type SessionLine,
} from './export-lines.ts'

export interface ExportedSession {
  readonly events: number
  readonly blobs: number
}

/** A blob that Postgres has no copy of (yet). `null`: it is nowhere. */
export type OpenElsewhere = (ref: SessionRef, id: string) => Promise<OpenBlob | null>

/**
 * Writes all lines of a session, as it was at one moment; what is written is waited for. `null`: nothing of it is
 * stored. Needs two connections.
 *
 * @throws ChainBroken before anything of it was written
 */
export function exportSession(
  kysely: Kysely<Schema>,
  ref: SessionRef,
  openElsewhere: OpenElsewhere,
  write: (line: string) => Promise<void>,
): Promise<ExportedSession | null> {
  return inOneView(kysely, async (trx) => {
    const fault = await chainFault(trx, ref)
    if (fault !== null) throw new ChainBroken(fault)
    const hash = createHash('sha256')
    let events = 0
    let leftOut = 0
    let last = ''
    const blobs = new Set<string>()
    const add = async (line: string) => {
      hash.update(`${line}\n`)
      await write(line)
    }
    for await (const row of rowsOf(trx, ref)) {
      if (!row.on_chain) {
        leftOut++
        continue
      }
      if (events === 0) await write(JSON.stringify({ kind: 'session', session: ref.session } satisfies SessionLine))
      const parsed = parseEvent(row.body ?? '')
      for (const id of parsed.ok ? blobsOf(parsed.event) : []) {
        if (blobs.has(id)) continue
        blobs.add(id)
        for await (const line of blobLines(trx, kysely, ref, id, openElsewhere)) await add(JSON.stringify(line))
      }
      await add(eventLine(row))
      events++
      last = formatCursor(row)
    }
    if (events === 0) return null
    const end: EndLine = {
      kind: 'end',
      session: ref.session,
      events,
      blobs: blobs.size,
      last,
      left_out: leftOut,
      sha256: hash.digest('hex'),
    }
    await write(JSON.stringify(end))
    return { events, blobs: blobs.size }
  })
}

async function* blobLines(
  view: Kysely<Schema>,
  now: Kysely<Schema>,
  ref: SessionRef,
  id: string,
  openElsewhere: OpenElsewhere,
): AsyncGenerator<BlobLine | ChunkLine | MissingBlobLine, void, undefined> {
  const blob =
    (await openCopied(view, ref, id)) ??
    (await wholeBlob(openElsewhere, ref, id)) ??
    // It may have been copied since, and have left.
    (await openCopied(now, ref, id))
  if (blob === null) return yield { kind: 'missing_blob', blob: id }
  const { mediaType: media_type, size, digest } = blob
  yield { kind: 'blob', blob: id, media_type, size, digest }
  for await (const chunk of blob.chunks) yield { kind: 'chunk', data: Buffer.from(chunk).toString('base64') }
}

interface FoundBlob extends Omit<OpenBlob, 'chunks'> {
  readonly chunks: AsyncIterable<Uint8Array> | readonly Uint8Array[]
}

/** Read before anything is said of it: one that has lost a part is nowhere any more. */
async function wholeBlob(open: OpenElsewhere, ref: SessionRef, id: string): Promise<FoundBlob | null> {
  const blob = await open(ref, id)
  if (blob === null) return null
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of blob.chunks) chunks.push(chunk)
    return { ...blob, chunks }
  } catch (error) {
    if (error instanceof BlobBroken) return null
    throw error
  }
}

async function openCopied(kysely: Kysely<Schema>, ref: SessionRef, id: string): Promise<FoundBlob | null> {
  const copied = await copiedBlob(kysely, { ...ref, id })
  return copied && { ...copied, chunks: copiedChunks(kysely, ref, id) }
}

async function* copiedChunks(
  kysely: Kysely<Schema>,
  ref: SessionRef,
  id: string,
): AsyncGenerator<Buffer, void, undefined> {
  for (let number = 0; ; number++) {
    const chunk = await chunkOfBlob(kysely, { ...ref, id }, number)
    if (chunk === null) return
    yield chunk
  }
}

const PAGE_EVENTS = 1000
const PAGE_BYTES = 2 * 1024 ** 2

async function* rowsOf(
  kysely: Kysely<Schema>,
  { tenant, session }: SessionRef,
): AsyncGenerator<ExportedEvent & { readonly on_chain: boolean }, void, undefined> {
  for (let at = 0; ;) {
    const { rows } = await sql<ExportedEvent & { on_chain: boolean }>`
      with page as (
        select shard, epoch, seq, sum(bytes) over (order by seq) - bytes as bytes_before from (
          select shard, epoch, seq, bytes from events
          where tenant = ${tenant} and session = ${session} and seq > ${at}
          order by seq limit ${PAGE_EVENTS}
        ) as next
      )
      select epoch, seq, prev, event_id as id, type, trace, stored_at, on_chain, problem, body::text as body, raw
      from page join events using (shard, epoch, seq)
      where bytes_before < ${PAGE_BYTES}
      order by seq`.execute(kysely)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    at = last.seq
  }
}
