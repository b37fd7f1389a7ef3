/** What is there to be asked for: by the name that a parameter or a field has. */
export type KnownThings = Map<string, string[]>

/** Ids and cursors found in an answer are used by later requests. */
export function learn(known: KnownThings, from: unknown, limit = 200): void {
  if (typeof from !== 'object' || from === null) return
  for (const [name, value] of Object.entries(from)) {
    if (typeof value === 'object') learn(known, value, limit)
    else if (typeof value === 'string' && INTERESTING.has(name) && value !== '' && value.length < 200) {
      const values = known.get(name) ?? []
      if (!values.includes(value)) values.push(value)
      known.set(name, values.slice(-limit))
    }
  }
}

const INTERESTING: ReadonlySet<string> = new Set([
  'session',
  'run',
  'message',
  'confirmation',
  'blob',
  'memory',
  'cursor',
  'ticket',
  'next',
])
