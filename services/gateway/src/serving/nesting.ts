/** Whoever writes a value as JSON again, here or in another service, does so by recursion. */
export const MOST_LEVELS = 200

/** Whether a value that came as JSON is nested deeper than that. */
export function isNestedTooDeep(value: unknown, levels = MOST_LEVELS): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  const inside = Array.isArray(value) ? (value as unknown[]) : Object.values(value)
  return inside.some((one) => isNestedTooDeep(one, levels - 1))
}
