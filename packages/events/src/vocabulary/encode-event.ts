import type { SpoolEvent } from './event.ts'
import { EventTooLarge } from './event-too-large.ts'

/** What is larger belongs into a blob. */
export const MAX_EVENT_BYTES = 256 * 1024

const utf8 = new TextEncoder()

/**
 * The body of an event's message. JSON keeps `\u0000` and lone surrogates as escapes, so the bytes are valid UTF-8
 * and nothing of the text is lost.
 *
 * @throws EventTooLarge
 */
export function encodeEvent(event: SpoolEvent): Uint8Array {
  const bytes = utf8.encode(JSON.stringify(event))
  if (bytes.length > MAX_EVENT_BYTES) throw new EventTooLarge(event.type, bytes.length, MAX_EVENT_BYTES)
  return bytes
}
