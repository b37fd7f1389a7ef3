import type { Timing } from '@spool/events'

/** One pause in so many is kept, over all calls: to note each in a histogram costs as much (3 µs) as to fold it. */
const SAMPLE_EVERY = 16
/** An answer of a million chunks does not fill the memory. */
const MAX_SAMPLES = 1000
let untilSample = 0

/** Measures one call: from the request over each chunk to its end. */
export class Stopwatch {
  private startedMs = 0
  private firstMs = 0
  private lastMs = 0
  private chunks = 0
  private readonly pausesMs: number[] = []

  start(): void {
    this.startedMs = performance.now()
  }

  get isStarted(): boolean {
    return this.startedMs > 0
  }

  /** Pauses between two chunks, some of them. */
  get sampledPausesMs(): readonly number[] {
    return this.pausesMs
  }

  chunk(): void {
    const nowMs = performance.now()
    if (this.chunks === 0) this.firstMs = nowMs
    else if (untilSample-- <= 0) this.sample(nowMs - this.lastMs)
    this.lastMs = nowMs
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

  private sample(pauseMs: number): void {
    untilSample = SAMPLE_EVERY - 1
    if (this.pausesMs.length < MAX_SAMPLES) this.pausesMs.push(pauseMs)
  }
}

function round(totalMs: number, count: number): number {
  return Math.round((totalMs / count) * 100) / 100
}
