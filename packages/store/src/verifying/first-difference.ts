import { isDeepStrictEqual } from 'node:util'

export interface Parting {
  /** Like `messages.3.text`. */
  readonly path: string
  readonly wanted: unknown
  readonly found: unknown
}

/** Where two values part that are to be the same as JSON; `null`: nowhere. */
export function firstDifference(wanted: unknown, found: unknown): Parting | null {
  const [left, right] = [json(wanted), json(found)]
  return isDeepStrictEqual(left, right) ? null : parting(left, right, [])
}

function parting(wanted: unknown, found: unknown, path: readonly string[]): Parting {
  if (typeof wanted === 'object' && wanted !== null && typeof found === 'object' && found !== null) {
    for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
      const [left, right] = [field(wanted, key), field(found, key)]
      if (!isDeepStrictEqual(left, right)) return parting(left, right, [...path, key])
    }
  }
  if (typeof wanted === 'string' && typeof found === 'string') return { path: path.join('.'), ...around(wanted, found) }
  return { path: path.join('.'), wanted, found }
}

const CONTEXT = 20

/** Of two texts only what surrounds the place where they part. */
export function around(wanted: string, found: string): { wanted: string; found: string } {
  let at = 0
  while (at < wanted.length && wanted[at] === found[at]) at++
  const from = Math.max(0, at - CONTEXT)
  const cut = (text: string) =>
    `${from > 0 ? '…' : ''}${text.slice(from, at + 3 * CONTEXT)}${at + 3 * CONTEXT < text.length ? '…' : ''}`
  return { wanted: cut(wanted), found: cut(found) }
}

function field(value: object, key: string): unknown {
  return (value as Record<string, unknown>)[key]
}

function json(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}
