/** The JSON object or array that begins at this place of a text, whatever comes after it. Undefined: there is none. */
export function jsonAt(text: string, at: number): unknown {
  const closing = { '{': '}', '[': ']' }[text[at] ?? '']
  if (closing === undefined) return undefined
  for (let end = text.indexOf(closing, at); end >= 0; end = text.indexOf(closing, end + 1)) {
    try {
      return JSON.parse(text.slice(at, end + 1)) as unknown
    } catch {
      continue
    }
  }
  return undefined
}
