/** More of one run is noise. */
const MAX_FACTS = 20
/** In code points. */
const MAX_LENGTH = 500

const FENCED = /```[^\n`]*\n([\s\S]*?)```/g
const FACTS = /"facts"\s*:\s*\[/
const STRING = /\s*,?\s*("(?:[^"\\]|\\.)*")/y
/** Looks no further than its line: a model that has gone astray may write line ends without end. */
const LIST_ITEM = /^[ \t\u3000]*(?:[-*•–]|\d{1,2}[.)、])[ \t\u3000]*(.+)$/gm
const NOTHING = /^(?:none|nothing|n\/a|null|no facts?|ninguno|aucun|なし|无|無)?[.。]?$/i

/**
 * The facts in what a model said. It was asked for `{"facts": ["…"]}`, and what models make of that differs: fences and
 * words around it, a bare array, objects in place of texts, a list for people, an end in the middle.
 */
export function parseFacts(text: string): string[] {
  const found = asJson(text) ?? asBrokenJson(text) ?? asList(text)
  const facts = found.map(cleaned).filter((fact) => !NOTHING.test(fact))
  return [...new Set(facts)].slice(0, MAX_FACTS)
}

function asJson(text: string): string[] | null {
  const fenced = [...text.matchAll(FENCED)].map(([, inside]) => inside!)
  for (const candidate of [text, ...fenced, between(text, '{', '}'), between(text, '[', ']')]) {
    const facts = factsIn(parsed(candidate))
    if (facts !== null) return facts
  }
  return null
}

function between(text: string, open: string, close: string): string {
  return text.slice(text.indexOf(open), text.lastIndexOf(close) + 1)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function factsIn(value: unknown): string[] | null {
  if (Array.isArray(value)) return value.flatMap(textOf)
  if (typeof value !== 'object' || value === null) return null
  const { facts } = value as { facts?: unknown }
  if (typeof facts === 'string') return [facts]
  return Array.isArray(facts) ? facts.flatMap(textOf) : null
}

function textOf(item: unknown): string[] {
  if (typeof item === 'string') return [item]
  if (typeof item !== 'object' || item === null) return []
  const { fact, text } = item as { fact?: unknown; text?: unknown }
  return [fact, text].filter((each) => typeof each === 'string').slice(0, 1)
}

/** What came of it before it broke off. */
function asBrokenJson(text: string): string[] | null {
  const start = FACTS.exec(text)
  if (start === null) return null
  const facts: string[] = []
  const next = new RegExp(STRING)
  next.lastIndex = start.index + start[0].length
  for (let found = next.exec(text); found !== null; found = next.exec(text)) facts.push(...textOf(parsed(found[1]!)))
  return facts
}

function asList(text: string): string[] {
  return [...text.matchAll(LIST_ITEM)].map(([, item]) => item!)
}

function cleaned(fact: string): string {
  const flat = fact
    .toWellFormed()
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  return [...flat].slice(0, MAX_LENGTH).join('').trim()
}
