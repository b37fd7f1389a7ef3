import { BlobBroken, type Blobs, type SessionRef } from '@spool/log'

/** `null`: nobody has it any more. */
export async function textOfBlob(blobs: Pick<Blobs, 'get'>, ref: SessionRef, id: string): Promise<string | null> {
  try {
    const blob = await blobs.get(ref, id)
    return blob === null ? null : Buffer.from(blob.bytes).toString()
  } catch (error) {
    if (error instanceof BlobBroken) return null
    throw error
  }
}
