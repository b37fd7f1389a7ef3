/**
 * Every event names the position of its session's event before it. As long as each fits the one that was seen before,
 * nothing is missing and nothing is doubled.
 */
export class Chains {
  /** Where each session ends that was seen lately. */
  #ends = new Map()
  #atMost

  constructor(atMost = 100_000) {
    this.#atMost = atMost
  }

  /**
   * `next`: it follows what was seen. `first`: nothing of the session was seen yet by this process. `again`: it was seen.
   * `gap`: something between `after` and it was not seen: it has left JetStream. `stray`: it is no part of the chain.
   */
  place(subject, { seq, prev, type }) {
    const end = this.#ends.get(subject)
    if (end !== undefined && seq <= end) return { kind: 'again' }
    // A writer that slept for days may have put an event behind the chain's end. Everybody leaves it out.
    if (end !== undefined && prev < end) return { kind: 'stray' }
    this.#ends.delete(subject)
    this.#ends.set(subject, seq)
    if (this.#ends.size > this.#atMost) this.#ends.delete(this.#ends.keys().next().value)
    if (end === undefined) return { kind: 'first' }
    // Of a session that was erased this event is all that is left.
    if (prev === end || type === 'session.erased') return { kind: 'next' }
    return { kind: 'gap', after: end }
  }
}
