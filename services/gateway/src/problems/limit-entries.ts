import { Problem } from './problem.ts'

/** A body of 1 MiB has room for half a million: to say of each what is wrong would keep everybody else waiting. */
const MOST_ENTRIES = 20_000

/** Of the lists of a body, and of those in their entries. What lies in maps is the client's own, and not looked at. */
export function limitEntries(body: unknown): void {
  for (const [name, value] of fieldsOf(body)) {
    if (!Array.isArray(value) || isShort(value)) continue
    const field = name.slice(0, 100)
    const problem = `must have at most ${MOST_ENTRIES} entries, those of their own lists included`
    const members = { errors: [{ field, problem }] }
    throw new Problem(400, 'invalid_body', `${field} ${problem}.`, { members })
  }
}

function isShort(list: readonly unknown[]): boolean {
  let left = MOST_ENTRIES - list.length
  for (const entry of list) {
    if (left < 0) return false
    for (const [, value] of fieldsOf(entry)) if (Array.isArray(value)) left -= value.length
  }
  return left >= 0
}

const fieldsOf = (value: unknown) => (typeof value === 'object' && value !== null ? Object.entries(value) : [])
