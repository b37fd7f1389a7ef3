import { formatCursor } from '@spool/events'
import { publicBody, type StoredEvent } from '@spool/log'
import type { Body } from '../rendering/fields.ts'

/** An event of the log as clients are told it. */
export function shownBody(event: StoredEvent, session: string): Body {
  const cursor = formatCursor(event)
  try {
    const body = JSON.parse(Buffer.concat(publicBody(event, session)).toString()) as Body
    return { ...body, type: typeof body['type'] === 'string' ? body['type'] : event.type, cursor }
  } catch {
    const { type, seq, prev } = event
    return { type, unreadable: event.text(), session, seq, prev, cursor }
  }
}
