/** A metric as it is declared once and used anywhere; `instruments.ts` turns it into something to record with. */
export interface MetricDefinition {
  /** `gauge` and `observed` are looked up at each scrape; `observed` only ever grows. */
  readonly kind: 'counter' | 'upDownCounter' | 'histogram' | 'gauge' | 'observed'
  readonly name: string
  readonly unit: string
  readonly description: string
  /** The attributes it may carry. No others can be given. */
  readonly attributes: readonly string[]
  /** Upper bounds of a histogram's buckets, in `unit`. */
  readonly buckets?: readonly number[]
}
