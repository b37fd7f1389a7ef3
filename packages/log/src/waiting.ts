import { setTimeout as sleep } from 'node:timers/promises'

/** 50 ms, doubling up to 2 s, with jitter. Rejects with the signal's reason when it is aborted. */
export async function retryDelay(attempt: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const ceilingMs = Math.min(2000, 50 * 2 ** Math.min(attempt, 6))
  // Timers wrap the reason of an abort in an error of their own.
  await sleep(ceilingMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => signal?.throwIfAborted())
}

/** What it gives, or a rejection when that takes longer. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`not done within ${limitMs} ms`)), limitMs)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** What it gives, or the signal's reason as soon as that is aborted. The work itself is not stopped, nor missed. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  work.catch(() => undefined)
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
