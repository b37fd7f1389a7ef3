export interface BackoffOptions {
  /** Upper bound of the first wait; a stream's `retry:` replaces it. Default 1 s. */
  firstMs?: number
  /** Upper bound of any wait. Default 30 s. */
  maxMs?: number
}

/** Growing waits with full jitter, so that clients that were cut together do not come back together. */
export class Backoff {
  private attempts = 0
  private firstMs: number
  private readonly maxMs: number

  constructor({ firstMs = 1000, maxMs = 30_000 }: BackoffOptions = {}) {
    this.firstMs = firstMs
    this.maxMs = maxMs
  }

  /** What the server asks for. */
  startFrom(firstMs: number): void {
    this.firstMs = firstMs
  }

  succeeded(): void {
    this.attempts = 0
  }

  nextMs(atLeastMs = 0): number {
    const ceiling = Math.min(this.maxMs, this.firstMs * 2 ** Math.min(this.attempts++, 20))
    return Math.max(Math.min(atLeastMs, this.maxMs), Math.random() * ceiling)
  }
}

/** Rejects with the signal's reason when it is aborted. */
export function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal?.addEventListener('abort', stop, { once: true })
  })
}
