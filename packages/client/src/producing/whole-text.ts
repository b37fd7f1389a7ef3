/** Cuts before a trailing high surrogate: `held` waits for its other half. */
export function splitHalf(text: string): { whole: string; held: string } {
  const last = text.charCodeAt(text.length - 1)
  if (last >= 0xd800 && last <= 0xdbff) return { whole: text.slice(0, -1), held: text.slice(-1) }
  return { whole: text, held: '' }
}

/** Halves of characters that have no other half become the sign for that, as in every encoding of text. */
export function whole(text: string): string {
  return text.toWellFormed()
}
