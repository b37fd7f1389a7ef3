/** There are so many closing brackets in what is written by hand, and in the descriptions of some dozens of tools. */
const MOST_TRIES = 10_000

/** The JSON object or array that begins at this place of a text, whatever comes after it. Undefined: there is none. */
export function jsonAt(text: string, at: number): unknown {
  const closing = { '{': '}', '[': ']' }[text[at] ?? '']
  if (closing === undefined) return undefined
  for (let end = text.indexOf(closing, at), tries = 0; end >= 0 && tries < MOST_TRIES; tries++) {
    try {
      return JSON.parse(text.slice(at, end + 1)) as unknown
    } catch {
      end = text.indexOf(closing, end + 1)
    }
  }
  return undefined
}
