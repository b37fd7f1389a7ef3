/** The value below which such a share of them lies; 0 where there are none. */
export function share(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).toSorted()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}

export const median = (values: readonly number[]): number => share(values, 0.5)

/** As figures are given in most cases. */
export const spread = (values: readonly number[]): { p50: number; p99: number } => ({
  p50: share(values, 0.5),
  p99: share(values, 0.99),
})
