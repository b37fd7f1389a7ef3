import { RUN, searchTerms, UNSPACED, wordTerm } from './terms-of.ts'

/** A term, and where in the text it stands, in UTF-16 code units. */
export interface PlacedTerm {
  readonly term: string
  readonly start: number
  readonly end: number
}

/**
 * What a text is found by, each time it is there, in the order of the text; of scripts without spaces each character
 * and each two. For showing people where: what only is a word once it is normalised is left out.
 */
export function* placedTerms(text: string): Generator<PlacedTerm, void, undefined> {
  for (const { 0: run, index } of text.matchAll(RUN)) {
    let at = 0
    for (const { 0: unspaced, index: start } of run.matchAll(UNSPACED)) {
      if (/^\p{M}+$/u.test(unspaced)) continue
      yield* word(run.slice(at, start), index + at)
      yield* charactersAndPairs(unspaced, index + start)
      at = start + unspaced.length
    }
    yield* word(run.slice(at), index + at)
  }
}

function* word(text: string, start: number): Generator<PlacedTerm, void, undefined> {
  const end = start + text.length
  // Most words need no more, and there are many in a long text.
  if (/^[A-Za-z0-9]+$/.test(text)) yield { term: wordTerm(text.toLowerCase()), start, end }
  else for (const term of searchTerms(text)) yield { term, start, end }
}

function* charactersAndPairs(text: string, start: number): Generator<PlacedTerm, void, undefined> {
  const characters = [...text]
  const normal = [...text.normalize('NFKC').toLowerCase()]
  // What becomes more or fewer characters has no places of its own.
  if (normal.length !== characters.length) return
  let at = start
  for (const [index, character] of characters.entries()) {
    const term = normal[index]!
    yield { term, start: at, end: at + character.length }
    const next = characters[index + 1]
    if (next !== undefined) {
      yield { term: term + normal[index + 1]!, start: at, end: at + character.length + next.length }
    }
    at += character.length
  }
}
