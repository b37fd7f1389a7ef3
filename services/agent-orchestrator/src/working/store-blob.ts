import { setTimeout as sleep } from 'node:timers/promises'
import { type Blobs, type Bus, type SessionRef, BusUnavailable } from '@spool/log'

export type StoreBlob = (bytes: Uint8Array, mediaType: string) => Promise<string>

const AGAIN_MS = 200

/** Puts what a tool has made into the store, however long the bus is away: the tool must not run again for that. */
export function blobStore(blobs: Blobs, bus: Bus, ref: SessionRef, signal: AbortSignal): StoreBlob {
  return async (bytes, mediaType) => {
    for (;;) {
      await bus.untilConnected(signal)
      try {
        return await blobs.put(ref, bytes, mediaType)
      } catch (error) {
        if (!(error instanceof BusUnavailable)) throw error
      }
      await sleep(AGAIN_MS, undefined, { signal })
    }
  }
}
