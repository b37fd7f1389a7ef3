import type { SessionState } from '@spool/events'

/** In UTF-16 units. What tools have given back makes some sessions a thousand times as large as others. */
const MAX_TOTAL = 128 * 1024 ** 2
const PER_PIECE = 1024

interface Cached {
  readonly state: SessionState
  readonly size: number
}

/** The states that were used last: no more than so many, and of large ones fewer. */
export class SessionCache {
  private readonly cached = new Map<string, Cached>()
  private total = 0

  constructor(
    private readonly maxCached: number,
    private readonly maxTotal = MAX_TOTAL,
  ) {}

  get(key: string): SessionState | undefined {
    return this.cached.get(key)?.state
  }

  set(key: string, state: SessionState): void {
    this.delete(key)
    const size = sizeOf(state)
    this.cached.set(key, { state, size })
    this.total += size
    // The newest stays, however large it is: whoever has just used it goes on with it.
    for (const oldest of this.cached.keys()) {
      if (oldest === key || (this.cached.size <= this.maxCached && this.total <= this.maxTotal)) return
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    this.total -= this.cached.get(key)?.size ?? 0
    this.cached.delete(key)
  }
}

/** About so much: the texts, and what tools were given and have given back. */
function sizeOf({ messages, calls, artifacts, runs, questions }: SessionState): number {
  let size = (messages.length + calls.length + artifacts.length + runs.length + questions.length) * PER_PIECE
  for (const { text, toolCalls } of messages) size += text.length + sumOf(toolCalls.map(({ input }) => input))
  for (const { input, output } of calls) size += sumOf([input, output])
  for (const { content } of artifacts) size += content?.length ?? 0
  return size
}

/** Values of a state never change, so each is measured once. */
const measured = new WeakMap<object, number>()

function sumOf(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + lengthOf(value), 0)
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  const length = measured.get(value) ?? JSON.stringify(value).length
  measured.set(value, length)
  return length
}
