import type { ParsedEvent, SpoolEvent } from '@spool/events'
import { type PulledEvent, type SessionRef, StoredEvent } from '@spool/log'
import { createHash, type Hash } from 'node:crypto'
import { type RawBuilder, sql } from 'kysely'
import { eventRow } from '../storing/event-row.ts'

/*
 * An event as one line that says all of it, made alike by Postgres of its row and here of what the log delivers: blocks
 * of lines are compared by their digests, so that no body has to leave Postgres where both are the same.
 */

/** Neither can be in a line: JSON has them only escaped, and nothing else of ours has them. */
export const FIELD = '\u001F'
export const LINE = '\u001E'

const field = sql.lit(FIELD)

/** Of a row of `events`. */
export const lineOfRow: RawBuilder<string> = sql<string>`
  seq || ${field} || tenant || ${field} || session || ${field} || prev || ${field} || event_id || ${field}
  || type || ${field} || coalesce(run, '') || ${field} || coalesce(trace, '') || ${field}
  || case when on_chain and problem is null then '' else 'marked' end || ${field} || bytes || ${field}
  || coalesce(body::text, 'raw ' || encode(raw, 'hex'))`

const PLAIN_ID = /^[0-9A-Za-z_-]{1,128}$/
const PLAIN_TEXT = /^[ -~]*$/

/** The line but for the body; `null` where only the slow way tells what is stored. */
export function lineHead(ref: SessionRef, event: PulledEvent, body: SpoolEvent): string | null {
  const run = body.run ?? ''
  const isPlain =
    PLAIN_ID.test(event.id) &&
    Number.isSafeInteger(event.prev) &&
    event.prev >= 0 &&
    PLAIN_TEXT.test(body.type) &&
    PLAIN_TEXT.test(run) &&
    (event.trace === undefined || PLAIN_TEXT.test(event.trace))
  if (!isPlain) return null
  return `${event.seq}${FIELD}${ref.tenant}${FIELD}${ref.session}${FIELD}${event.prev}${FIELD}${event.id}${FIELD}${body.type}${FIELD}${run}${FIELD}${event.trace ?? ''}${FIELD}${FIELD}${event.body.length}${FIELD}`
}

/** The whole line of an event that is marked, or odd in some other way. */
export function oddLine(ref: SessionRef, event: PulledEvent, parsed: ParsedEvent, isNowhere: boolean): string {
  const row = eventRow(
    { ref, shard: 0, stored: new StoredEvent({ ...event, epoch: 1 }, event.body), storedAtMs: 0 },
    { onChain: !isNowhere, problem: parsed.ok ? null : parsed.reason },
  )
  const marked = isNowhere || !parsed.ok ? 'marked' : ''
  const body = row.body ?? `raw ${row.raw!.toString('hex')}`
  const head = [row.seq, row.tenant, row.session, row.prev, row.id, row.type, row.run ?? '', row.trace ?? '', marked]
  return [...head, row.bytes, body].join(FIELD)
}

const LINE_BYTE = LINE.charCodeAt(0)
const SCRATCH_BYTES = 1024 ** 2
const UTF8_PER_UNIT = 3

/** The digest of a block of lines, as Postgres' `md5` has it. */
export class BlockDigest {
  private readonly scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES)
  private hash: Hash = createHash('md5')
  private used = 0
  private count = 0

  /** A line: its beginning, and its body as it came. */
  add(head: string, body?: Uint8Array): void {
    const { scratch } = this
    this.room(1 + head.length * UTF8_PER_UNIT)
    if (this.count++ > 0) scratch[this.used++] = LINE_BYTE
    if (head.length * UTF8_PER_UNIT < SCRATCH_BYTES) this.used += scratch.write(head, this.used)
    else {
      this.flush()
      this.hash.update(head)
    }
    if (body === undefined) return
    this.room(body.length)
    scratch.set(body, this.used)
    this.used += body.length
  }

  /** And begins anew. */
  end(): { count: number; digest: string } {
    this.flush()
    const ended = { count: this.count, digest: this.hash.digest('hex') }
    this.hash = createHash('md5')
    this.count = 0
    return ended
  }

  private room(bytes: number): void {
    if (this.used + bytes > SCRATCH_BYTES) this.flush()
  }

  private flush(): void {
    if (this.used > 0) this.hash.update(this.scratch.subarray(0, this.used))
    this.used = 0
  }
}
