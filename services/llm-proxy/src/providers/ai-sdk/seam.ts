/**
 * Where a continuation meets the kept text. Providers refuse a prompt whose last assistant message ends in white space,
 * so that is cut off; what the model then says first may be the very white space that was cut, and the reader has it
 * already.
 */
export function prepareSeam(keptText: string): { sent: string; join: (text: string) => string } {
  const sent = keptText.trimEnd()
  let expected = keptText.slice(sent.length)
  return {
    sent,
    join: (text) => {
      let repeated = 0
      while (repeated < text.length && expected !== '' && text[repeated] === expected[0]) {
        expected = expected.slice(1)
        repeated++
      }
      if (repeated < text.length) expected = ''
      return text.slice(repeated)
    },
  }
}
