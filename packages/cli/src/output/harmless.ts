/*
 * What a model, a tool or a person has written may hold characters that a terminal obeys: they move the cursor, hide
 * text, change the title, answer for the person, or turn the order of a line around. They are shown instead.
 */

/** C0 but tab and line feed, DEL and C1; marks that change the direction of text; separators that break lines. */
// oxlint-disable-next-line no-control-regex
const ACTIVE = /\r\n|[\0-\x08\x0B-\x1F\x7F-\x9F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g

/** Text of any number of lines. */
export function harmless(text: string): string {
  return text.replaceAll(ACTIVE, shown)
}

/** The same on one line. */
export function harmlessLine(text: string): string {
  return harmless(text).replaceAll(/[\n\t]/g, (character) => (character === '\n' ? '⏎' : ' '))
}

/** JSON on one line: the same document, and nothing in it that a terminal obeys. */
export function harmlessJson(json: string): string {
  // They can only stand in its texts.
  return json.replaceAll(ACTIVE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function shown(character: string): string {
  if (character === '\r\n') return '\n'
  const code = character.charCodeAt(0)
  // The pictures that Unicode has for them.
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '␡' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`
}
