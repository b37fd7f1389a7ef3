/** How many Unicode code points a text has; a lone surrogate counts as one. */
export function codePoints(text: string): number {
  let points = text.length
  for (let index = 0; index < text.length - 1; index++) {
    if (isHigh(text.charCodeAt(index)) && isLow(text.charCodeAt(index + 1))) points--
  }
  return points
}

/** Cuts before a trailing high surrogate: `held` waits for its other half, so no event ends in half a character. */
export function splitHalf(text: string): { whole: string; held: string } {
  if (text === '' || !isHigh(text.charCodeAt(text.length - 1))) return { whole: text, held: '' }
  return { whole: text.slice(0, -1), held: text.slice(-1) }
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff
}
