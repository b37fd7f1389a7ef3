import { type Beside, type MessageState, besideSchema } from '@spool/events'
import { type Blobs, type SessionRef, BlobBroken } from '@spool/log'
import { ProviderError } from '../providers/provider-error.ts'

/**
 * What the model is sent beside the conversation, where the request names a blob that holds it; undefined where the
 * request says it itself. The error where it cannot be had any more. Rejects where it cannot be read now.
 */
export async function loadBeside(
  blobs: Pick<Blobs, 'get'>,
  ref: SessionRef,
  { request }: Pick<MessageState, 'request'>,
): Promise<Beside | ProviderError | undefined> {
  if (request === null || request.blob === null) return undefined
  try {
    const blob = await blobs.get(ref, request.blob)
    return blob === null ? lost() : read(blob.bytes)
  } catch (error) {
    if (error instanceof BlobBroken) return lost(error)
    throw error
  }
}

function read(bytes: Uint8Array): Beside | ProviderError {
  try {
    return besideSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch (error) {
    return lost(error)
  }
}

const lost = (cause?: unknown) =>
  new ProviderError(
    'request_lost',
    'The instructions for this answer are no longer in the store. What was said before is kept; send the message again.',
    { cause },
  )
