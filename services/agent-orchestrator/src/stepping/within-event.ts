import type { Beside, EventOf, SpoolEvent } from '@spool/events'
import { type Blobs, type SessionRef, BlobBroken } from '@spool/log'

/** What the model is sent beside the conversation may take this much of an event; tools of many servers take more. */
const MAX_BESIDE_BYTES = 64 * 1024

/** The event as it is, or with what is too large for it in a blob. */
export async function withinEvent(blobs: Pick<Blobs, 'put'>, ref: SessionRef, event: SpoolEvent): Promise<SpoolEvent> {
  switch (event.type) {
    case 'message.requested': {
      const { instructions, tools, memories, context, ...rest } = event as EventOf<'message.requested'>
      const beside: Beside = { instructions, tools, memories, context }
      const blob = await blobOf(blobs, ref, beside)
      return blob === null ? event : { ...rest, blob }
    }
    case 'run.queued':
    case 'run.started': {
      if (event.context === undefined) return event
      const { context, ...rest } = event
      const blob = await blobOf(blobs, ref, context)
      return blob === null ? event : { ...rest, blob }
    }
    default:
      return event
  }
}

/** What a run was given as its context; `null`: it is in no store any more. */
export async function contextIn(
  blobs: Pick<Blobs, 'get'>,
  ref: SessionRef,
  id: string,
): Promise<{ context: unknown } | null> {
  try {
    const blob = await blobs.get(ref, id)
    return blob === null ? null : { context: JSON.parse(Buffer.from(blob.bytes).toString()) as unknown }
  } catch (error) {
    if (error instanceof BlobBroken) return null
    throw error
  }
}

/** `null`: it is small enough. */
async function blobOf(blobs: Pick<Blobs, 'put'>, ref: SessionRef, content: unknown): Promise<string | null> {
  const bytes = Buffer.from(JSON.stringify(content))
  return bytes.length <= MAX_BESIDE_BYTES ? null : blobs.put(ref, bytes, 'application/json')
}
