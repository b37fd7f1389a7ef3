import { termsOf } from '@spool/events'

/** More of one memory nobody searches; a vector of terms has its limit, too. */
const MAX_TERMS = 2000

/** What a text is found by, as a `tsvector`. Terms are letters and digits: nothing in them needs to be escaped. */
export function lexemesOf(text: string): string {
  return termsOf(text).slice(0, MAX_TERMS).map(quoted).join(' ')
}

/** Each term quoted, as a `tsquery` that any of them answers. */
export function anyOf(terms: readonly string[]): string {
  return terms.slice(0, MAX_TERMS).map(quoted).join(' | ')
}

/** All of them, each as the beginning of a word. */
export function allBeginning(terms: readonly string[]): string {
  return terms
    .slice(0, MAX_TERMS)
    .map((term) => `${quoted(term)}:*`)
    .join(' & ')
}

function quoted(term: string): string {
  return `'${term}'`
}
