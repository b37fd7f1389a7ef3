import * as z from 'zod'
import { artifactEvents } from './artifact-events.ts'
import { confirmationEvents } from './confirmation-events.ts'
import { customEvent, type CustomEvent } from './custom-events.ts'
import { deltaEvents } from './delta-events.ts'
import { generationEvents } from './generation-events.ts'
import { memoryEvents } from './memory-events.ts'
import { messageEvents } from './message-events.ts'
import { runEvents } from './run-events.ts'
import { sessionEvents } from './session-events.ts'
import { toolEvents } from './tool-events.ts'

/** Every type of the vocabulary but `custom.*`, whose names are open. */
export const namedEventSchema = z.discriminatedUnion('type', [
  ...sessionEvents,
  ...runEvents,
  ...messageEvents,
  ...generationEvents,
  ...deltaEvents,
  ...confirmationEvents,
  ...toolEvents,
  ...memoryEvents,
  ...artifactEvents,
])

export const eventSchema = z.union([namedEventSchema, customEvent])

export type NamedEvent = z.infer<typeof namedEventSchema>
export type NamedType = NamedEvent['type']
export type KnownEvent = NamedEvent | CustomEvent
export type EventType = KnownEvent['type']

/**
 * An event of a type that this release does not know: stored and delivered as it is, not folded.
 *
 * At run time `type` is whatever name it has. In the types it is a name that the vocabulary cannot have, so that
 * comparing `event.type` with a name of the vocabulary narrows to that event (a plain `string` would match them all).
 */
export interface UnknownEvent {
  readonly v?: unknown
  readonly type: `unknown/${string}`
  readonly run?: string | undefined
  readonly at?: string | undefined
}

export type SpoolEvent = KnownEvent | UnknownEvent

type EventByType = { [Event in NamedEvent as Event['type']]: Event }

export type EventOf<Type extends EventType> = Type extends NamedType
  ? EventByType[Type]
  : CustomEvent & { readonly type: Type }

const schemas = new Map<string, (typeof namedEventSchema.options)[number]>(
  namedEventSchema.options.map((schema) => [schema.shape.type.value, schema]),
)

export const EVENT_TYPES: readonly NamedType[] = namedEventSchema.options.map((schema) => schema.shape.type.value)

/** The schema of one type; undefined for a type that this release does not know. */
export function schemaOf(type: string): z.ZodType<KnownEvent> | undefined {
  return schemas.get(type) ?? (type.startsWith('custom.') ? customEvent : undefined)
}

export function isKnown(event: SpoolEvent): event is KnownEvent {
  return schemaOf(event.type) !== undefined
}
