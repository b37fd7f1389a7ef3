/** How one kind of server is spoken to. The client process does the rest, the same for all of them. */
export interface Request {
  method: 'GET' | 'POST'
  /** Where it is another server than the one that is measured. */
  url?: string
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
  /** Not answered with the stream, but with where it is: `resume` reads it. */
  isPointer?: boolean
}

/** One stream of tokens, as far as its client has read it. */
export interface Reading {
  /** Starts the generation, or finds it, and is answered with the stream. */
  begin(): Request
  /** Asks for what comes after the last frame that was taken. */
  resume(): Request
  /** The head of an answer, before its frames. */
  opened(head: string): void
  /** A whole server-sent event without its empty line. Answers with the tokens in it, one behind the other. */
  take(frame: string): string
  /** What was wrong beside the tokens themselves, which the client looks at. */
  readonly problems: readonly string[]
}

export interface StreamOptions {
  key: string
  name: string
  tokens: number
  tokensPerSecond: number
}
