import { formatCursor } from '@spool/events'
import type { StoredEvent } from '../stored-event.ts'

const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** The event as one SSE frame. Encoded once, however many watch. */
export function frameOf(event: StoredEvent, session: string): Uint8Array {
  event.frames ??= {}
  return (event.frames['sse'] ??= encode(event, session))
}

function encode(event: StoredEvent, session: string): Uint8Array {
  const head = `id: ${formatCursor(event)}\n${event.type === '' ? '' : `event: ${event.type}\n`}data: `
  return Buffer.concat([Buffer.from(head), ...publicBody(event, session), Buffer.from('\n\n')])
}

/**
 * The stored bytes with `session`, `seq` and `prev` added, without a round trip through JSON: what a model or a person
 * has written comes out as it went in. Ours come last, because readers of JSON take the last of two equal names.
 */
export function publicBody(event: StoredEvent, session: string): [Uint8Array, Uint8Array] {
  const place = `"session":"${session}","seq":${event.seq},"prev":${event.prev}}`
  const { body } = event
  if (!isObjectOnOneLine(body)) return [unreadable(event), Buffer.from(`,${place}`)]
  return [body.subarray(0, -1), Buffer.from(body.length === 2 ? place : `,${place}`)]
}

/** The same for whoever puts it into a document of its own, which is to be JSON whatever lies in the log. */
export function readableBody(event: StoredEvent, session: string): Uint8Array[] {
  const body = publicBody(event, session)
  try {
    JSON.parse(event.text())
    return body
  } catch {
    return [unreadable(event), body[1]]
  }
}

function isObjectOnOneLine(body: Uint8Array): boolean {
  return (
    body[0] === OPEN_BRACE &&
    body.at(-1) === CLOSE_BRACE &&
    !body.includes(LINE_FEED) &&
    !body.includes(CARRIAGE_RETURN)
  )
}

/** Nothing of ours writes such a body, but what is in the log is delivered. */
function unreadable(event: StoredEvent): Uint8Array {
  return Buffer.from(JSON.stringify({ type: event.type, unreadable: event.text() }).slice(0, -1))
}
