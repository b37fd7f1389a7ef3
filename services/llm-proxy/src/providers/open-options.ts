export interface OpenOptions {
  readonly key?: string
  /** Instead of the global one. */
  readonly fetch?: typeof globalThis.fetch
  /** The longest line of an answer that is taken. */
  readonly maxLineBytes?: number
}
