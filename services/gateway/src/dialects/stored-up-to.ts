import { setTimeout as pause } from 'node:timers/promises'
import { ArchiveUnavailable, QueryRefused, type SessionRef } from '@spool/log'
import type { Snapshots } from '../reading/snapshots.ts'

const AGAIN_MS = 250

/**
 * Asks until the store has everything up to a position: also while it is away, for as long as the client waits. Of what
 * was erased there is nothing to wait for.
 */
export async function storedUpTo(
  snapshots: Snapshots,
  ref: SessionRef,
  position: number,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await snapshots.session(ref, position)
      return
    } catch (error) {
      if (error instanceof QueryRefused && error.code === 'erased') return
      const isLate = error instanceof ArchiveUnavailable || (error instanceof QueryRefused && error.code === 'behind')
      if (!isLate) throw error
      await pause(AGAIN_MS, undefined, { signal }).catch(() => undefined)
    }
  }
}
