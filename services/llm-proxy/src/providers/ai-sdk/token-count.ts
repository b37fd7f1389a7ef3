/** More than any call takes; a sum of many stays exact. */
const most = 1_000_000_000

/** A number of tokens as an event takes it, whatever the provider calls one. */
export function tokenCount(told: unknown): number {
  return typeof told === 'number' && told > 0 ? Math.min(Math.round(told), most) : 0
}
