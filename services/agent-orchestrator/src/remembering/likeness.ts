import { searchTerms } from '@spool/events'

const NEARLY = 0.8

/** What two texts that say the same in other spelling have in common. Not all is mere punctuation: C#, 5 %, -8, 1.5. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\p{C}]|(?![#%]|[-−.,:/]\d)\p{P}/gu, '')
}

export function saysTheSame(one: string, other: string): boolean {
  return plain(one) === plain(other)
}

/** Whether nearly all words, or pairs of characters, of the two are the same. */
export function saysNearlyTheSame(one: string, other: string): boolean {
  const terms = searchTerms(one)
  const others = new Set(searchTerms(other))
  const shared = terms.filter((term) => others.has(term)).length
  return shared > 0 && shared / (terms.length + others.size - shared) >= NEARLY
}

/** Whether a text says nearly the same as another, and in no word, or pair of characters, that the other has not. */
export function addsNothing(text: string, other: string): boolean {
  const others = new Set(searchTerms(other))
  return saysNearlyTheSame(text, other) && searchTerms(text).every((term) => others.has(term))
}
