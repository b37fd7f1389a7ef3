import type { SpoolEvent } from './event.ts'

/** Of an event whose `parts` are a message's. */
const WITH_PARTS = new Set(['message.added', 'run.queued'])
/** Of an event whose `blob` is one. */
const WITH_BLOB = new Set(['message.requested', 'tool.completed', 'artifact.created', 'run.queued', 'run.started'])

/** The ids of the blobs that an event names. They belong to its session. */
export function blobsOf(event: SpoolEvent): readonly string[] {
  const own = WITH_BLOB.has(event.type) ? idOf(event) : []
  if (!WITH_PARTS.has(event.type) || !('parts' in event)) return own
  const results = 'tool_results' in event ? ((event.tool_results ?? []) as readonly object[]) : []
  return [...own, ...[...(event.parts as readonly object[]), ...results].flatMap(idOf)]
}

function idOf(place: object): string[] {
  return 'blob' in place && typeof place.blob === 'string' ? [place.blob] : []
}
