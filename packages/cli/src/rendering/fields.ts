import { harmlessLine } from '../output/harmless.ts'

/** An event, or a part of one, as it came: anything may be missing, or be something else. */
export type Body = Readonly<Record<string, unknown>>

export function textOf(body: Body, field: string): string {
  const value = body[field]
  return typeof value === 'string' ? value : ''
}

export function numberOf(body: Body, field: string): number | undefined {
  const value = body[field]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function bodyOf(body: Body, field: string): Body {
  const value = body[field]
  return typeof value === 'object' && value !== null ? (value as Body) : {}
}

export function listOf(body: Body, field: string): readonly Body[] {
  const value = body[field]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : []
}

/** Any value in one line of so many characters at most: text as it is, else JSON. */
export function brief(value: unknown, maxCharacters = 100): string {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  // What is shown is never longer than this many characters of it.
  const line = harmlessLine(text.slice(0, maxCharacters + 1).trimEnd())
  const characters = Array.from(line)
  return characters.length <= maxCharacters && text.trimEnd().length <= maxCharacters
    ? line
    : `${characters.slice(0, maxCharacters - 1).join('')}…`
}
