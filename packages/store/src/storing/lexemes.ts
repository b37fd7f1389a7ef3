import { termsOf } from '@spool/events'

/** More of one memory nobody searches; a vector of terms has its limit, too. */
const MAX_TERMS = 2000
/** A vector of terms takes no more than 1 MiB; a message that says so much is found by its beginning. */
const MAX_CHARACTERS = 128 * 1024

/** What a text is found by, as a `tsvector`. Terms are letters and digits: nothing in them needs to be escaped. */
export function lexemesOf(text: string): string {
  return termsOf(text).slice(0, MAX_TERMS).map(quoted).join(' ')
}

/** The same of a message, and whose it is. `null`: it has no words. */
export function messageLexemes(tenant: string, text: string): string | null {
  let left = MAX_CHARACTERS
  const terms = termsOf(text.slice(0, MAX_CHARACTERS)).filter((term) => (left -= term.length) >= 0)
  return terms.length === 0 ? null : [tenantTerm(tenant), ...terms].map(quoted).join(' ')
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

/** Messages of a tenant that have all of these words, and one that is this beginning. */
export function ofTenant(tenant: string, words: readonly string[], beginning: string | null): string {
  const last = beginning === null ? [] : [`${quoted(beginning)}:*`]
  return [...[tenantTerm(tenant), ...words].map(quoted), ...last].join(' & ')
}

/** No word has an "@". */
function tenantTerm(tenant: string): string {
  return `@${tenant}`
}

function quoted(term: string): string {
  return `'${term}'`
}
