import { setTimeout as pause } from 'node:timers/promises'
import { ArchiveUnavailable, QueryRefused, type SessionRef } from '@spool/log'
import type { Snapshots } from '../reading/snapshots.ts'

const AGAIN_MS = 250

/** Asks until the store has everything up to a position: also while it is away, for as long as the client waits. */
export async function storedUpTo(
  snapshots: Snapshots,
  ref: SessionRef,
  position: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await snapshots.stored(ref, position)
      return
    } catch (error) {
      const isLate = error instanceof ArchiveUnavailable || (error instanceof QueryRefused && error.code === 'behind')
      if (!isLate) throw error
      await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
