/** How NATS keeps what it acknowledges: its own default, or with an fsync of each write. */
export type Sync = 'default' | 'always'

export interface Setting {
  sync: Sync
  /** Seconds instead of minutes: shows that it runs, not how fast. */
  quick: boolean
}

/** A line of the table: ours, and the same of others in the same run on the same machine. */
export interface Figure {
  /** In words, with the load: `added latency, 200 streams of 50 tokens/s, live`. */
  what: string
  unit: 'ms' | 'µs' | 's' | 'tokens/s' | 'events/s' | 'deliveries/s' | 'rows/s' | 'KiB' | 'MiB' | 'count' | '%'
  sync: Sync
  /** By name (`p50`, `p99`, …). */
  spool: Readonly<Record<string, number>>
  /** By the other's name, then as above. `null`: it could not be measured here, and `note` says why. */
  beside: Readonly<Record<string, Readonly<Record<string, number>> | null>>
  /** What is to be reached, in words, and whether it was. */
  asked?: { text: string; reached: boolean }
  note?: string
}

export type Measure = (setting: Setting) => Promise<readonly Figure[]>
