import { createContext, Script } from 'node:vm'

const context = createContext(Object.create(null) as { work?: () => unknown })
const script = new Script('work()')

/**
 * The result of synchronous work, or `TooSlow` once it has taken too long. A pattern or a schema that somebody else wrote
 * can keep a check busy for years, and with it all of this process; the engine breaks even a regular expression off.
 * What was broken off has run no `finally`: let it own nothing that is used again.
 */
export function bounded<T>(work: () => T, limitMs: number): T {
  context.work = work
  try {
    return script.runInContext(context, { timeout: limitMs }) as T
  } catch (error) {
    if (isTimeout(error)) throw new TooSlow(limitMs)
    throw error
  } finally {
    delete context.work
  }
}

export class TooSlow extends Error {
  constructor(limitMs: number) {
    super(`took longer than ${limitMs} ms`)
  }
}

/** It comes from the other context, so it is no `Error` of ours. */
const isTimeout = (error: unknown) =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
