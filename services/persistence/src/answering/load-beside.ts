import { type Beside, besideSchema, type MessageState } from '@spool/events'
import { BlobBroken, type Blobs, type SessionRef } from '@spool/log'

export interface LoadedBeside {
  readonly beside: Beside
  /** Why it is empty although something was sent; `null`: all is there. */
  readonly lost: string | null
}

/** What a model was sent beside the conversation: the request says it, or the blob that it names. */
export async function loadBeside(
  blobs: Pick<Blobs, 'get'>,
  ref: SessionRef,
  { request }: Pick<MessageState, 'request'>,
): Promise<LoadedBeside> {
  if (request === null || request.blob === null) return { beside: request ?? {}, lost: null }
  const beside = await readBlob(blobs, ref, request.blob)
  return beside === null
    ? { beside: {}, lost: `It was too large for an event, and blob ${request.blob}, which held it, is gone.` }
    : { beside, lost: null }
}

async function readBlob(blobs: Pick<Blobs, 'get'>, ref: SessionRef, id: string): Promise<Beside | null> {
  try {
    const blob = await blobs.get(ref, id)
    if (blob === null) return null
    const parsed = besideSchema.safeParse(JSON.parse(Buffer.from(blob.bytes).toString('utf8')))
    return parsed.success ? parsed.data : null
  } catch (error) {
    if (error instanceof BlobBroken || error instanceof SyntaxError) return null
    throw error
  }
}
