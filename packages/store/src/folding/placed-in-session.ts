import { isId, type SessionRef, type StreamedEvent } from '@spool/log'

/** Where an event is kept whose subject names no session. Empty names are nobody's. */
const NOWHERE: SessionRef = { tenant: '', session: '' }

/** Only a foreign writer could append under such a subject; it must not hold up the log. */
export function placedInSession(event: StreamedEvent): StreamedEvent {
  return isId(event.ref.tenant) && isId(event.ref.session) ? event : { ...event, ref: NOWHERE }
}

export function isNowhere(ref: SessionRef): boolean {
  return ref.session === ''
}
