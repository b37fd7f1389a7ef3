import type { Blobs } from '../blobs/blobs.ts'
import { BlobBroken } from '../errors.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import type { RunRequest } from './requests.ts'

/** NATS takes 1 MiB with its headers, and JSON in JSON grows. */
const MOST_IN_QUEUE_BYTES = 512 * 1024

/** The request as it travels: what is larger lies in a blob that it names, and keeps what says whose it is. */
export async function lightenRequest(
  blobs: Pick<Blobs, 'put'>,
  ref: SessionRef,
  request: RunRequest,
): Promise<RunRequest> {
  const bytes = Buffer.from(JSON.stringify(request))
  if (bytes.length <= MOST_IN_QUEUE_BYTES) return request
  const { history: _history, context: _context, metadata: _metadata, ...head } = request
  return { ...head, parts: [], blob: await blobs.put(ref, bytes, 'application/json') }
}

/** What was asked for; `null`: it is in no store any more. */
export async function wholeRequest(
  blobs: Pick<Blobs, 'get'>,
  ref: SessionRef,
  request: RunRequest,
): Promise<RunRequest | null> {
  if (request.blob === undefined) return request
  try {
    const blob = await blobs.get(ref, request.blob)
    return blob === null ? null : (JSON.parse(Buffer.from(blob.bytes).toString()) as RunRequest)
  } catch (error) {
    if (error instanceof BlobBroken) return null
    throw error
  }
}
