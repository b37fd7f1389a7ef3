import type { Beside, EventOf, SpoolEvent } from '@spool/events'
import type { Blobs, SessionRef } from '@spool/log'

/** What the model is sent beside the conversation may take this much of an event; tools of many servers take more. */
const MAX_BESIDE_BYTES = 64 * 1024

/** The event as it is, or with what is too large for it in a blob. */
export async function withinEvent(blobs: Pick<Blobs, 'put'>, ref: SessionRef, event: SpoolEvent): Promise<SpoolEvent> {
  if (event.type !== 'message.requested') return event
  const { instructions, tools, memories, context, ...rest } = event as EventOf<'message.requested'>
  const beside: Beside = { instructions, tools, memories, context }
  const bytes = Buffer.from(JSON.stringify(beside))
  if (bytes.length <= MAX_BESIDE_BYTES) return event
  return { ...rest, blob: await blobs.put(ref, bytes, 'application/json') }
}
