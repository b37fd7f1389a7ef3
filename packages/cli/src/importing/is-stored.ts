import { setTimeout as pause } from 'node:timers/promises'
import { type Log, streamExtent } from '@spool/log'

const LOOK_EVERY_MS = 50

/** Whether persistence has stored all that the log holds now, or has within a moment. */
export async function isStored(log: Log, patienceMs: number, signal: AbortSignal): Promise<boolean> {
  const giveUpAtMs = performance.now() + patienceMs
  const wanted = await Promise.all(
    Array.from({ length: log.subjects.shards }, async (_, shard) => (await streamExtent(log, shard)).lastSeq),
  )
  while (performance.now() < giveUpAtMs) {
    signal.throwIfAborted()
    const heights = await log.archive.heights().catch(() => [])
    if (wanted.every((seq, shard) => (heights[shard] ?? 0) >= seq)) return true
    await pause(LOOK_EVERY_MS)
  }
  return false
}
