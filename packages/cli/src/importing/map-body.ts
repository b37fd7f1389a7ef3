import { parseCursor, parseEvent } from '@spool/events'

/** The cursor at which something lies here that lay at a position there; `null`: it is not here. */
export type MapCursor = (seq: number) => string | null

const WITH_POSITIONS = new Set(['session.summarised', 'message.requested', 'session.forked'])

/** A body with the positions in it as they are here. Verbatim where there are none. */
export function mapBody(
  { type, body }: { readonly type: string; readonly body: Buffer },
  own: MapCursor,
  ofSession: (session: string) => MapCursor | null,
): Buffer {
  if (!WITH_POSITIONS.has(type)) return body
  const parsed = parseEvent(body)
  if (!parsed.ok) return body
  const { event } = parsed
  switch (event.type) {
    case 'session.summarised':
      return withCursor(body, 'up_to', event.up_to, own)
    case 'message.requested':
      return event.up_to === undefined ? body : withCursor(body, 'up_to', event.up_to, own)
    case 'session.forked': {
      // What it was copied from may be elsewhere; then it says where it was.
      const map = ofSession(event.from_session)
      return map === null ? body : withCursor(body, 'from_cursor', event.from_cursor, map)
    }
    default:
      return body
  }
}

function withCursor(body: Buffer, field: string, cursor: string, map: MapCursor): Buffer {
  const seq = parseCursor(cursor)?.seq
  const mapped = seq === undefined ? null : map(seq)
  if (mapped === null) return body
  return Buffer.from(JSON.stringify({ ...(JSON.parse(body.toString()) as object), [field]: mapped }))
}
