import { schemaOf, type EventOf, type EventType } from './event.ts'
import { InvalidEvent } from './invalid-event.ts'
import { isDelta } from './is-delta.ts'
import { CURRENT_VERSIONS } from './versions.ts'

/** What a writer says itself; `v`, `type` and `at` are stamped. */
export type EventFields<Type extends EventType> = Omit<EventOf<Type>, 'v' | 'type' | 'at'>

/**
 * Makes the body of an event in its current version.
 *
 * @example draft('text.delta', { run, message, sequence: 1, text: 'Hello' })
 * @throws InvalidEvent writers are strict: what does not fit its schema is never appended
 */
export function draft<Type extends EventType>(type: Type, fields: EventFields<Type>, at = new Date()): EventOf<Type> {
  const versions: Readonly<Record<string, number>> = CURRENT_VERSIONS
  const event = { v: versions[type] ?? 1, type, ...fields, at: at.toISOString() }
  if (!isDelta(event)) {
    const checked = schemaOf(type)?.safeParse(event)
    if (!checked?.success) throw new InvalidEvent(type, { cause: checked?.error })
  }
  return event as unknown as EventOf<Type>
}
