/** A metric as it is declared once and used anywhere; `instruments.ts` turns it into something to record with. */
export interface MetricDefinition {
  name: string
  unit: string
  description: string
  /** Upper bounds of a histogram's buckets, in `unit`. */
  buckets?: number[]
}
