import { formatCursor } from '@spool/events'
import { readableBody, type StoredEvent } from '@spool/log'
import type { Body } from '../rendering/fields.ts'

/** An event of the log as clients are told it. */
export function shownBody(event: StoredEvent, session: string): Body {
  const body = JSON.parse(Buffer.concat(readableBody(event, session)).toString()) as Body
  return { ...body, type: typeof body['type'] === 'string' ? body['type'] : event.type, cursor: formatCursor(event) }
}
