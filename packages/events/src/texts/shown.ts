// What a model has written is shown to people who decide by it: it must not look like anything but itself.

/** A text with lines of its own could pass for more than one. */
export function onOneLine(text: string): string {
  return text
    .replaceAll(REORDERS, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

/** At most so many UTF-16 units, or the beginning and the end with what is left out between them counted. */
export function shown(text: string, most: number): string {
  const whole = text.replaceAll(REORDERS, escaped)
  if (whole.length <= most) return whole
  const half = Math.floor(most / 2)
  return `${whole.slice(0, half).toWellFormed()} [… ${whole.length - 2 * half} …] ${whole.slice(-half).toWellFormed()}`
}

/** Characters that let what follows them appear in another order. */
const REORDERS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
