import { schemaOf, type KnownEvent, type SpoolEvent, type UnknownEvent } from './event.ts'
import { isDelta } from './is-delta.ts'
import { upcast, type Body } from './upcast.ts'

export type ParsedEvent =
  | { readonly ok: true; readonly event: SpoolEvent }
  | { readonly ok: false; readonly reason: string; readonly raw: unknown }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads an event from a message's body. Tolerant: a type that this release does not know is an event
 * (it is stored and delivered, not folded), fields that it does not know are kept.
 */
export function parseEvent(body: string | Uint8Array): ParsedEvent {
  let raw: unknown = body
  try {
    const text = typeof body === 'string' ? body : utf8.decode(body)
    raw = text
    raw = JSON.parse(text)
  } catch {
    return { ok: false, reason: typeof raw === 'string' ? 'not JSON' : 'not UTF-8', raw }
  }
  return readEvent(raw)
}

/** The same for a body that is an object already (a row of the database, a frame). */
export function readEvent(raw: unknown): ParsedEvent {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return { ok: false, reason: 'not an object', raw }
  const body = raw as Body
  const type = body['type']
  if (typeof type !== 'string' || type === '') return { ok: false, reason: 'type: expected a name', raw }
  if (isDelta(body)) return { ok: true, event: body }
  const schema = schemaOf(type)
  if (schema === undefined) return readUnknown(raw as UnknownEvent)
  const raised = upcast(type, body)
  if (!raised.ok) return { ok: false, reason: raised.reason, raw }
  const checked = schema.safeParse(raised.body)
  if (!checked.success) return { ok: false, reason: describe(checked.error.issues), raw }
  // Not `checked.data`: that is a copy without the fields that this release does not know.
  return { ok: true, event: raised.body as KnownEvent }
}

function readUnknown(event: UnknownEvent): ParsedEvent {
  // The envelope is the one thing that does not change, whatever a later release adds.
  if (event.run !== undefined && typeof event.run !== 'string') {
    return { ok: false, reason: 'run: expected a string', raw: event }
  }
  return { ok: true, event }
}

function describe(issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string {
  return issues
    .slice(0, 5)
    .map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`)
    .join('; ')
}
