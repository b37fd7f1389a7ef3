/**
 * Drops what a continuation repeats of the text it continues: the longest end of `keptText` that it begins with, which
 * may be all of it. Holds back only while what came may still become such an end.
 *
 * A search of Knuth, Morris and Pratt for the continuation in the kept text, which goes forward only: the work is in
 * proportion to the length of both, however the continuation is cut up.
 */
export class RepeatedEnd {
  readonly #keptText: string
  #pieces: string[] = []
  /** The same as code units: a text that is appended to and indexed in turn is copied each time. */
  #held: number[] = []
  /** For each beginning of what is held, by its length: the longest shorter beginning that it also ends with. */
  #borders: number[] = [0]
  /** How far the kept text is searched, and how much of what is held ends there. */
  #searched = 0
  #matched = 0
  #isDecided = false

  constructor(keptText: string) {
    this.#keptText = keptText
  }

  /** What can be said of the continuation after this piece. */
  take(text: string): string {
    if (this.#isDecided) return text
    this.#pieces.push(text)
    for (let index = 0; index < text.length; index++) {
      this.#hold(text.charCodeAt(index))
      this.#search()
      if (this.#searched === this.#keptText.length) return this.#decide()
    }
    return ''
  }

  /** The rest, where the continuation ended before it was clear. */
  flush(): string {
    if (this.#isDecided) return ''
    while (this.#searched < this.#keptText.length) this.#step()
    return this.#decide()
  }

  /** What was found at the very end of the kept text is the repetition. */
  #decide(): string {
    const fresh = this.#pieces.join('').slice(this.#matched)
    this.#isDecided = true
    this.#pieces = []
    this.#held = []
    this.#borders = []
    return fresh
  }

  #hold(unit: number): void {
    let border = this.#border(this.#held.length)
    while (border > 0 && this.#held[border] !== unit) border = this.#border(border)
    this.#borders.push(this.#held.length > 0 && this.#held[border] === unit ? border + 1 : 0)
    this.#held.push(unit)
  }

  /** Goes on until all that is held is found, or the kept text is at its end. */
  #search(): void {
    while (this.#matched < this.#held.length && this.#searched < this.#keptText.length) this.#step()
  }

  #step(): void {
    const next = this.#keptText.charCodeAt(this.#searched)
    while (this.#matched > 0 && this.#held[this.#matched] !== next) this.#matched = this.#border(this.#matched)
    if (this.#held[this.#matched] === next) this.#matched++
    this.#searched++
  }

  #border(length: number): number {
    return this.#borders[length] ?? 0
  }
}
