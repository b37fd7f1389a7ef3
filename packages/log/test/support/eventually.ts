import { expect } from 'vitest'

/** `expect.poll` with the patience that a busy machine calls for. */
export function eventually<T>(probe: () => T | Promise<T>, { timeout = 10_000, interval = 5 } = {}) {
  return expect.poll(probe, { timeout, interval })
}
