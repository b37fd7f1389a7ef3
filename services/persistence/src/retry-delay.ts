import { setTimeout as sleep } from 'node:timers/promises'

/** 50 ms, doubling up to 2 s, with jitter. An abort ends it early and without an error: the caller looks itself. */
export async function retryDelay(attempt: number, signal: AbortSignal): Promise<void> {
  const ceilingMs = Math.min(2000, 50 * 2 ** Math.min(attempt, 6))
  await pause(ceilingMs * (0.5 + Math.random() / 2), signal)
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
}
