import { quartersOf } from './estimate-tokens.ts'

/** What stands where something was left out costs about so much. */
const MARK = 12

/** The beginning and the end of a text that would cost more tokens. */
export function clipText(text: string, maxTokens: number): string {
  const all = beginning(text, maxTokens)
  if (all === text.length) return text
  if (maxTokens <= 2 * MARK) return text.slice(0, all)
  const room = maxTokens - MARK
  const head = beginning(text, Math.floor((room * 2) / 3))
  const tail = end(text, Math.floor(room / 3))
  return `${text.slice(0, head)}\n[… ${tail - head} characters …]\n${text.slice(tail)}`
}

/** How much of the text so many tokens hold; never half a character. */
function beginning(text: string, tokens: number): number {
  let quarters = tokens * 4
  let index = 0
  while (index < text.length) {
    quarters -= quartersOf(text.charCodeAt(index))
    if (quarters < 0) break
    index += 1
  }
  return splitsPair(text, index) ? index - 1 : index
}

/** Where the last so many tokens of the text begin. */
function end(text: string, tokens: number): number {
  let quarters = tokens * 4
  let index = text.length
  while (index > 0) {
    quarters -= quartersOf(text.charCodeAt(index - 1))
    if (quarters < 0) break
    index -= 1
  }
  return splitsPair(text, index) ? index + 1 : index
}

function splitsPair(text: string, index: number): boolean {
  const before = text.charCodeAt(index - 1)
  const after = text.charCodeAt(index)
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff
}
