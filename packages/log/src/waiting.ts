import { setTimeout as sleep } from 'node:timers/promises'

/** 50 ms, doubling up to 2 s, with jitter. Rejects with the signal's reason when it is aborted. */
export async function retryDelay(attempt: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const ceilingMs = Math.min(2000, 50 * 2 ** Math.min(attempt, 6))
  await sleep(ceilingMs * (0.5 + Math.random() / 2), undefined, { signal })
}
