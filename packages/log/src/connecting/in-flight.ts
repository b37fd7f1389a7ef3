/**
 * What is on its way, under consecutive numbers, and mostly taken out in the order in which it was put in.
 *
 * A `Map` would be made anew some hundred times a second, and V8 leaves in each of its tables the way to the next one. A table
 * that has become old then keeps all that come after it, with what they held, from the collector of young garbage, which
 * had three times as much to do.
 */
export class InFlight<Value> {
  /** By number, modulo their length, which is a power of two. */
  private slots = emptySlots<Value>(256)
  /** All before it have been taken. */
  private first = 0
  private next = 0

  /** Tells the number. */
  put(value: Value): number {
    if (this.next - this.first === this.slots.length) this.grow()
    this.slots[this.placeOf(this.next)] = value
    return this.next++
  }

  take(number: number): Value | undefined {
    if (!(number >= this.first && number < this.next)) return undefined
    const place = this.placeOf(number)
    const value = this.slots[place]
    this.slots[place] = undefined
    while (this.first < this.next && this.slots[this.placeOf(this.first)] === undefined) this.first++
    return value
  }

  /** The oldest first. What is taken out meanwhile does not come any more, and may be what has just come. */
  *[Symbol.iterator](): Generator<[number: number, value: Value]> {
    for (let number = this.first; number < this.next; number++) {
      const value = this.slots[this.placeOf(number)]
      if (value !== undefined) yield [number, value]
    }
  }

  private placeOf(number: number): number {
    return number & (this.slots.length - 1)
  }

  private grow(): void {
    const { slots: before, first, next } = this
    this.slots = emptySlots(before.length * 2)
    for (let number = first; number < next; number++)
      this.slots[this.placeOf(number)] = before[number & (before.length - 1)]
  }
}

function emptySlots<Value>(length: number): (Value | undefined)[] {
  return Array.from({ length }, () => undefined)
}
