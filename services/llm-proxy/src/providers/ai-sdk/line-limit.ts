const newline = 0x0a
const carriageReturn = 0x0d

/** Measures the lines of an answer, and in an event stream the events: the parser collects until one ends. */
export class LineLimit {
  readonly maxBytes: number
  readonly #isEventStream: boolean
  #lineBytes = 0
  #eventBytes = 0

  constructor(maxBytes: number, isEventStream: boolean) {
    this.maxBytes = maxBytes
    this.#isEventStream = isEventStream
  }

  /** Whether the answer keeps within the limit with these, which come next. */
  allows(bytes: Uint8Array): boolean {
    let from = 0
    for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, from)) {
      this.#grow(end - from)
      if (!this.#isWithin) return false
      // An empty line ends an event.
      if (this.#lineBytes === 0 || (this.#lineBytes === 1 && bytes[end - 1] === carriageReturn)) this.#eventBytes = 0
      this.#lineBytes = 0
      from = end + 1
    }
    this.#grow(bytes.length - from)
    return this.#isWithin
  }

  #grow(bytes: number): void {
    this.#lineBytes += bytes
    this.#eventBytes += bytes
  }

  get #isWithin(): boolean {
    return this.#lineBytes <= this.maxBytes && (!this.#isEventStream || this.#eventBytes <= this.maxBytes)
  }
}
