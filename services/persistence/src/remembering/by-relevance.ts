import { termsOf } from '@spool/events'

/**
 * The texts that have most to do with what is asked first; those with equally much stay in their order. A term that
 * nearly all of them have ("the user …") says little, one that few have says much.
 */
export function byRelevance<Known extends { readonly text: string }>(
  known: readonly Known[],
  wanted: ReadonlySet<string>,
): Known[] {
  const shared = known.map((one) => ({ one, terms: termsOf(one.text).filter((term) => wanted.has(term)) }))
  const holders = new Map<string, number>()
  for (const { terms } of shared) for (const term of terms) holders.set(term, (holders.get(term) ?? 0) + 1)
  const weigh = (term: string) => Math.log(known.length / holders.get(term)!)
  return shared
    .map(({ one, terms }) => ({ one, weight: terms.reduce((sum, term) => sum + weigh(term), 0) }))
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ one }) => one)
}
