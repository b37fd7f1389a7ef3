import { RepeatedEnd } from './repeated-end.ts'

/** Where a continuation meets the kept text. */
export interface Seam {
  /** The kept text as it is sent. */
  readonly sent: string
  /** What is new in the next piece of the continuation. */
  join(text: string): string
  /** What was held back, at the end of the continuation's text. */
  flush(): string
}

/** `repeats`: the provider's continuation may begin with the end of what it continues; nobody else's is touched. */
export function prepareSeam(keptText: string, repeats = false): Seam {
  const sent = keptText.trimEnd()
  const dropSpace = spaceDropper(keptText.slice(sent.length))
  if (!repeats || sent === '') return { sent, join: dropSpace, flush: () => '' }
  const repeated = new RepeatedEnd(sent)
  return {
    sent,
    join: (text) => dropSpace(repeated.take(text)),
    flush: () => dropSpace(repeated.flush()),
  }
}

/**
 * Providers refuse a prompt whose last assistant message ends in white space, so that is cut off; what the model then
 * says first may be the very white space that was cut, and the reader has it already.
 */
function spaceDropper(cutSpace: string): (text: string) => string {
  let expected = cutSpace
  return (text) => {
    let repeated = 0
    while (repeated < text.length && expected !== '' && text[repeated] === expected[0]) {
      expected = expected.slice(1)
      repeated++
    }
    if (repeated < text.length) expected = ''
    return text.slice(repeated)
  }
}
