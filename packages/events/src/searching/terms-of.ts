/*
 * What of a text is searched for. Words where a script has them; where it writes without spaces between words (Chinese,
 * Japanese, Thai, …) each two characters that stand side by side, which find a word wherever it begins.
 */

export const RUN = /[\p{L}\p{M}\p{N}]+[+#]*/gu
export const UNSPACED =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}\p{M}]+/gu
const HAN = /\p{Script=Han}/u
const DIACRITICS = /[\u0300-\u036f]/g
/** Nobody searches for more of one word; an index takes no more than some thousand bytes. */
const MAX_LENGTH = 64

/** The words and pairs of characters of a text, each once: what a text has to have to be found by it. */
export function searchTerms(text: string): string[] {
  return collect(text, false)
}

/**
 * All that a text can be found by, each once. Also single Chinese characters: two texts about tea need not have a pair
 * of characters in common.
 */
export function termsOf(text: string): string[] {
  return collect(text, true)
}

function collect(text: string, singles: boolean): string[] {
  const terms = new Set<string>()
  for (const [run] of text.normalize('NFKC').toLowerCase().matchAll(RUN)) {
    let at = 0
    for (const unspaced of run.matchAll(UNSPACED)) {
      // Marks alone belong to the word before them.
      if (/^\p{M}+$/u.test(unspaced[0])) continue
      addWord(terms, run.slice(at, unspaced.index))
      addPairs(terms, [...unspaced[0]], singles)
      at = unspaced.index + unspaced[0].length
    }
    addWord(terms, run.slice(at))
  }
  return [...terms]
}

function addWord(terms: Set<string>, run: string): void {
  const word = wordTerm(run)
  if (word !== '') terms.add(word)
}

/** Of a word in lower case. */
export function wordTerm(run: string): string {
  const word = run.normalize('NFD').replaceAll(DIACRITICS, '').normalize('NFC').slice(0, MAX_LENGTH)
  // The plural of most languages that have one in "s".
  return /^[a-z]{2,}[a-rt-z]s$/.test(word) ? word.slice(0, -1) : word
}

function addPairs(terms: Set<string>, characters: readonly string[], singles: boolean): void {
  for (const [index, character] of characters.entries()) {
    const next = characters[index + 1]
    if (next !== undefined) terms.add(character + next)
    if (characters.length === 1 || (singles && HAN.test(character))) terms.add(character)
  }
}
