import type { Cursor } from '@spool/events'
import type { SessionRef } from '@spool/log'

/*
 * An export is JSON Lines. One line says what it is; then each session, from its `session` line to its `end` line, which
 * says what must have come in between; then one `done` line. So a file that was cut short, or changed, is known by itself.
 *
 * `body` is what was appended, verbatim, and the last field of its line, so that it can be taken out of the line as the
 * text it is. A body that is no JSON is in `raw` as base64, one that has line breaks between its tokens in `text`.
 */

export const EXPORT_VERSION = 1

export interface HeaderLine {
  readonly spool_export: typeof EXPORT_VERSION
  readonly tenant: string
  /** null: all of the tenant. */
  readonly session: string | null
  readonly exported_at: string
}

export interface SessionLine {
  readonly kind: 'session'
  readonly session: string
}

export interface EventLine {
  readonly kind: 'event'
  readonly epoch: number
  readonly seq: number
  readonly prev: number
  readonly id: string
  readonly type: string
  readonly trace?: string
  readonly stored_at: string
  /** Why it is not folded; absent for nearly all. */
  readonly problem?: string
}

/** Before the first event that names it. */
export interface BlobLine {
  readonly kind: 'blob'
  readonly blob: string
  readonly media_type: string
  readonly size: number
  readonly digest: string
}

/** A blob that an event names and that is nowhere any more. */
export interface MissingBlobLine {
  readonly kind: 'missing_blob'
  readonly blob: string
}

/** The bytes of the blob whose line came last, in order. */
export interface ChunkLine {
  readonly kind: 'chunk'
  readonly data: string
}

export interface EndLine {
  readonly kind: 'end'
  readonly session: string
  readonly events: number
  readonly blobs: number
  /** The cursor of the last event. */
  readonly last: string
  /** Events that are stored beside the chain; they are not part of it. */
  readonly left_out: number
  /** Of all lines since the session's own, each with its line feed. */
  readonly sha256: string
}

export interface DoneLine {
  readonly kind: 'done'
  readonly sessions: number
  readonly events: number
  /** Sessions that are not in it, since what is stored of them is not whole; absent where there is none. */
  readonly broken?: readonly string[]
}

export interface ExportedEvent extends Cursor, SessionRef {
  readonly prev: number
  readonly id: string
  readonly type: string
  readonly trace: string | null
  readonly stored_at: Date
  readonly problem: string | null
  readonly body: string | null
  readonly raw: Buffer | null
}

const BODY = ',"body":'

export function eventLine(event: Omit<ExportedEvent, keyof SessionRef>): string {
  const line: EventLine = {
    kind: 'event',
    epoch: event.epoch,
    seq: event.seq,
    prev: event.prev,
    id: event.id,
    type: event.type,
    ...(event.trace !== null && { trace: event.trace }),
    stored_at: event.stored_at.toISOString(),
    ...(event.problem !== null && { problem: event.problem }),
  }
  const { body, raw } = event
  if (body === null) return JSON.stringify({ ...line, raw: raw!.toString('base64') })
  if (/[\r\n]/.test(body)) return JSON.stringify({ ...line, text: body })
  return `${JSON.stringify(line).slice(0, -1)}${BODY}${body}}`
}

/** The body of an event's line, byte by byte as it was appended. `null`: it has none. */
export function bodyOfLine(text: string, line: Readonly<Record<string, unknown>>): Buffer | null {
  if (typeof line['raw'] === 'string') return Buffer.from(line['raw'], 'base64')
  if (typeof line['text'] === 'string') return Buffer.from(line['text'])
  // What comes before it are plain texts and numbers: quoted, this cannot be in any of them.
  const at = text.indexOf(BODY)
  return at < 0 ? null : Buffer.from(text.slice(at + BODY.length, -1))
}
