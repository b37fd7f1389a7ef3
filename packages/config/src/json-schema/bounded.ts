import { createContext, Script } from 'node:vm'

const context = createContext(Object.create(null) as { work?: () => unknown })
const script = new Script('work()')

/** Each has twice the time of the one before. */
const MOST_TRIES = 5

/**
 * The result of synchronous work, or `TooSlow` once it has taken too long. A pattern or a schema that somebody else wrote
 * can keep a check busy for years, and with it all of this process; the engine breaks even a regular expression off.
 * While the process is stopped, or gets no core, it is not busy: then the work is tried again. What was broken off has run
 * no `finally`: let it own nothing that is used again.
 */
export function bounded<T>(work: () => T, limitMs: number): T {
  let busyMs = 0
  for (let tries = 1; ; tries++) {
    const before = process.threadCpuUsage()
    try {
      return run(work, limitMs * 2 ** (tries - 1))
    } catch (error) {
      if (!isTimeout(error)) throw error
      const { user, system } = process.threadCpuUsage(before)
      busyMs += (user + system) / 1000
      if (busyMs > limitMs / 2 || tries === MOST_TRIES) throw new TooSlow(limitMs)
    }
  }
}

function run<T>(work: () => T, limitMs: number): T {
  context.work = work
  try {
    return script.runInContext(context, { timeout: limitMs }) as T
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
