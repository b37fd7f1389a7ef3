import type { ClientEvent, Cursor, Session } from '@spool/client'

const PAGE_EVENTS = 1000

/** What is there of a session after a cursor, in order; then it ends. */
export async function* eventsSoFar(
  session: Session,
  from: Cursor,
  signal: AbortSignal,
): AsyncGenerator<ClientEvent, void, undefined> {
  let after = from
  let limit = PAGE_EVENTS
  for (;;) {
    const { events, next, more } = await session.events({ after, limit }, signal)
    // The events of a page do not tell their epoch. That of the last holds for all, unless another began on the page.
    const epoch = epochOf(next)
    if (events.length > 1 && epoch !== epochOf(after) && epoch !== '1') {
      limit = Math.ceil(events.length / 2)
      continue
    }
    for (const event of events) yield { ...event, cursor: `${epoch}-${event.seq}` } as ClientEvent
    if (!more) return
    after = next
    limit = PAGE_EVENTS
  }
}

const epochOf = (cursor: Cursor): string => cursor.split('-', 1)[0]!
