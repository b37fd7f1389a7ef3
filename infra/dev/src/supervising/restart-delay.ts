const firstDelayMs = 100
const longestDelayMs = 15_000
/** One that held out this long has recovered: the next death is a first one again. */
const recoveredAfterMs = 20_000

/**
 * How long to wait before a process that died is started again: hardly at all the first time, longer and longer while it
 * keeps dying.
 */
export class RestartDelay {
  readonly #longestMs: number
  #deathsInARow = 0

  constructor(longestMs = longestDelayMs) {
    this.#longestMs = longestMs
  }

  next(livedMs: number): number {
    this.#deathsInARow = livedMs > recoveredAfterMs ? 1 : this.#deathsInARow + 1
    return Math.min(firstDelayMs * 2 ** (this.#deathsInARow - 1), this.#longestMs)
  }
}
