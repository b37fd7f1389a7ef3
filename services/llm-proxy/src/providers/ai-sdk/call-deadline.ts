import { ProviderError } from '../provider-error.ts'

export interface CallTimeouts {
  /** From the request to the first piece of the answer. */
  firstTokenMs: number
  /** Between two pieces of the answer. */
  stallMs: number
}

/** Models think for minutes, and some providers show nothing of it but that it has begun. */
const THINKING_FACTOR = 10

/**
 * Ends a call whose provider keeps silent: aborts `signal` with the error to report. The clock runs only while we wait
 * for the provider, not while our own reader is slow.
 */
export class CallDeadline {
  readonly #controller = new AbortController()
  readonly #timeouts: CallTimeouts
  readonly #provider: string
  #firstTokenLeftMs: number
  #answering = false
  #thinking = false

  constructor(timeouts: CallTimeouts, provider: string) {
    this.#timeouts = timeouts
    this.#provider = provider
    this.#firstTokenLeftMs = timeouts.firstTokenMs
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** The first piece of the answer is there. */
  answering(): void {
    this.#answering = true
  }

  /** The provider says that the model has begun to think, or that it is through with it. */
  thinking(isOn: boolean): void {
    this.#thinking = isOn
    // It is heard of: what it thinks without a word is not taken from the time for its first.
    if (isOn) this.#answering = true
  }

  async during<Result>(wait: PromiseLike<Result>): Promise<Result> {
    const since = performance.now()
    let lastChance: NodeJS.Immediate | undefined
    const timer = setTimeout(() => {
      // Where this process stood still, what came meanwhile has not been read yet: it is before this is called.
      lastChance = setImmediate(() => this.#expire())
    }, this.#patienceMs)
    try {
      return await wait
    } finally {
      clearTimeout(timer)
      clearImmediate(lastChance)
      this.#firstTokenLeftMs = Math.max(0, this.#firstTokenLeftMs - (performance.now() - since))
    }
  }

  close(): void {
    this.#controller.abort()
  }

  get #patienceMs(): number {
    if (this.#thinking) return this.#timeouts.stallMs * THINKING_FACTOR
    return this.#answering ? this.#timeouts.stallMs : this.#firstTokenLeftMs
  }

  #expire(): void {
    const { firstTokenMs } = this.#timeouts
    this.#controller.abort(
      this.#answering
        ? new ProviderError(
            'provider_stalled',
            `${this.#provider} sent nothing for ${this.#patienceMs} ms in mid-answer. Try again.`,
          )
        : new ProviderError(
            'provider_timed_out',
            `${this.#provider} did not begin to answer within ${firstTokenMs} ms. Try again.`,
          ),
    )
  }
}
