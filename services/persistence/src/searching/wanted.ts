import { searchTerms } from '@spool/events'

/** What is searched for. */
export interface Wanted {
  readonly words: readonly string[]
  /** The last one, of which only the beginning may have been typed. */
  readonly beginning: string | null
}

/** What somebody types is shorter; what somebody pastes is found by its first words. */
const MAX_WORDS = 32
/** So many words begin with any one letter that looking through them all would cost more than it helps. */
const LEAST_BEGINNING = 2

/** `null`: there is no word in it. */
export function wantedOf(q: string): Wanted | null {
  const terms = searchTerms(q).slice(0, MAX_WORDS)
  const last = terms.at(-1)
  if (last === undefined) return null
  // One character of a script without spaces may be a word of its own.
  const isBeginning = last.length >= LEAST_BEGINNING || !/^[\p{Script=Latin}\p{N}]/u.test(last)
  return isBeginning ? { words: terms.slice(0, -1), beginning: last } : { words: terms, beginning: null }
}
