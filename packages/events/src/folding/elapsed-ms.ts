/** Between two instants of events. Never negative: they may come from clocks that disagree. */
export function elapsedMs(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}
