import { type SessionState, allows, emptySession } from '@spool/events'
import { type StoredEvent, foldStored } from '@spool/log'

/** Everything that is wrong with a session's events: the chain, the rules of the vocabulary, a message closed twice. */
export function faults(events: readonly StoredEvent[]): string[] {
  const found: string[] = []
  const closed = new Set<string>()
  let state: SessionState = emptySession()
  for (const stored of events) {
    const event = stored.event()
    if (stored.prev !== state.seq) found.push(`${stored.seq} follows ${stored.prev}, not ${state.seq}`)
    const refusal = event === null ? 'it does not parse' : allows(state, event)
    if (refusal !== null) found.push(`${stored.seq} ${stored.type}: ${refusal}`)
    if (event?.type === 'message.completed') {
      if (closed.has(event.message)) found.push(`${stored.seq} closes ${event.message} again`)
      closed.add(event.message)
    }
    state = foldStored(state, stored)
  }
  return found
}

/** What a client shows: all text deltas, thrown away only where an attempt says that it begins anew. */
export function shownText(events: readonly StoredEvent[]): string {
  let text = ''
  for (const stored of events) {
    const event = stored.event()
    if (event?.type === 'generation.started' && event.kept === 0) text = ''
    if (event?.type === 'text.delta') text += event.text
  }
  return text
}

export const typesOf = (events: readonly StoredEvent[]): string[] => events.map(({ type }) => type)

/** The fields of the events of one type that matter here. */
export function fieldsOf(events: readonly StoredEvent[], type: string, ...names: string[]): unknown[][] {
  return events
    .filter((event) => event.type === type)
    .map((event) => {
      const body = event.event() as unknown as Record<string, unknown>
      return names.map((name) => body[name])
    })
}
