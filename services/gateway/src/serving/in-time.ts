import type { Problem } from '../problems/problem.ts'

/** Does work that may have to wait for others, but not for longer than a client should. */
export async function inTime<T>(
  timeoutMs: number,
  late: (cause?: unknown) => Problem,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const expired = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const problem = late()
    expired.reject(problem)
    abort.abort(problem)
  }, timeoutMs)
  try {
    return await Promise.race([work(abort.signal), expired.promise])
  } finally {
    clearTimeout(timer)
  }
}
