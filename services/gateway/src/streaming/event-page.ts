import { type Cursor, formatCursor } from '@spool/events'
import { type Feed, readableBody } from '@spool/log'
import type { Caller } from '../admitting/caller.ts'
import { shownTo } from './shown-to.ts'

const MAX_PAGE_BYTES = 4 * 1024 * 1024
const COMMA = Buffer.from(',')

/** `{events, next, more}` as bytes; the events are those of the stream, byte by byte. */
export async function readPage(
  feed: Feed,
  caller: Caller,
  cursor: Cursor,
  limit: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const { log, ref, tail } = feed
  await log.check(ref, cursor, signal)
  const pieces: Uint8Array[] = [Buffer.from('{"events":[')]
  let next = cursor
  let count = 0
  let bytes = 0
  for await (const event of log.read(ref, cursor.seq, tail, signal)) {
    if (count++ > 0) pieces.push(COMMA)
    pieces.push(...readableBody(shownTo(caller, event), ref.session))
    bytes += event.body.length
    next = event
    if (count >= limit || bytes >= MAX_PAGE_BYTES) break
  }
  pieces.push(Buffer.from(`],"next":"${formatCursor(next)}","more":${next.seq < tail}}`))
  return Buffer.concat(pieces)
}
