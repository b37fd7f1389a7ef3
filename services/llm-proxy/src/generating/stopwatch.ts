import type { Timing } from '@spool/events'

/** Measures one call: from the request over each chunk to its end. */
export class Stopwatch {
  private startedMs = 0
  private firstMs = 0
  private lastMs = 0
  private chunks = 0

  start(): void {
    this.startedMs = performance.now()
  }

  get isStarted(): boolean {
    return this.startedMs > 0
  }

  chunk(): void {
    this.lastMs = performance.now()
    if (this.chunks === 0) this.firstMs = this.lastMs
    this.chunks++
  }

  timing(): Timing {
    const intervals = this.chunks - 1
    return {
      first_token_ms: this.chunks === 0 ? null : Math.round(this.firstMs - this.startedMs),
      duration_ms: Math.round(performance.now() - this.startedMs),
      chunks: this.chunks,
      average_chunk_interval_ms: intervals < 1 ? null : round(this.lastMs - this.firstMs, intervals),
    }
  }
}

function round(totalMs: number, count: number): number {
  return Math.round((totalMs / count) * 100) / 100
}
