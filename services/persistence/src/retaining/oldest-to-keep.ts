export interface PlacedInTime {
  readonly seq: number
  readonly storedAtMs: number
}

/**
 * The first position that stays when everything goes that is older than a time. An event's time grows with its
 * position, so it is searched for by halves: some twenty looks for a million events, and one where nothing is old yet.
 *
 * @param firstFrom the first event at or behind a position; positions have holes
 * @param before of this one and what is behind it everything stays
 */
export async function oldestToKeep(
  firstFrom: (seq: number) => Promise<PlacedInTime | null>,
  from: number,
  before: number,
  olderThanMs: number,
): Promise<number> {
  let low = from
  let high = Math.max(from, before)
  for (let middle = low; low < high; middle = Math.floor((low + high) / 2)) {
    const found = await firstFrom(middle)
    if (found === null || found.seq >= high || found.storedAtMs >= olderThanMs) high = middle
    else low = found.seq + 1
  }
  return low
}
