/** Milliseconds since 1970 with three decimals, and a space: what `demo/clock` and the peers' models say. */
export const TOKEN_LENGTH = 18

/**
 * Whether each token came exactly once and in order: each was made later than the one before, by the microsecond, and in
 * the end there are as many as were made.
 */
export class TokenCheck {
  count = 0
  problem: string | undefined
  private last = 0

  /** Calls with the time of each token in the text. */
  take(text: string, onToken: (made: number) => void): void {
    if (text.length % TOKEN_LENGTH !== 0) this.problem ??= `half a token: ${text.slice(-TOKEN_LENGTH)}`
    for (let at = 0; at < text.length; at += TOKEN_LENGTH) {
      const made = Number(text.slice(at, at + TOKEN_LENGTH - 1))
      if (!(made > this.last))
        this.problem ??= `token ${this.count + 1} was made at ${made}, the one before at ${this.last}`
      this.last = made
      this.count++
      onToken(made)
    }
  }
}
