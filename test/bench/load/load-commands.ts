export type WireName = 'spool' | 'resumable-stream' | 'durable-streams'

export interface Target {
  wire: WireName
  /** Of each copy: streams are spread over them, and who comes back comes to the next one. */
  urls: readonly string[]
  key: string
}

export interface Play extends Target {
  /** Streams are named for it, so another one each time. */
  name: string
  streams: number
  tokens: number
  tokensPerSecond: number
  /** The streams are begun over so long, one after the other. */
  overMs: number
  /** Each is cut once, at a time of its own, and comes back; only what is made after that counts. */
  resumed: boolean
  /** Tokens that were made between these times count, in milliseconds since 1970. */
  from: number
  until: number
}

export type LoadCommand = { do: 'play'; play: Play } | { do: 'report' }

export interface LoadReport {
  streams: number
  /** Have had all of their tokens, and their end. */
  done: number
  /** Since the play began. */
  tokens: number
  /** Connections that were lost though nobody cut them, and requests that were refused. */
  lostConnections: number
  /** Streams with a token too few, twice or out of order, and what else was wrong; the first of them in words. */
  faults: number
  firstFault: string | undefined
  counted: Counted
}

/** Of the tokens that count. */
export interface Counted {
  tokens: number
  /** Server-sent events with tokens in them. */
  events: number
  /** Milliseconds between the making of a token and its reading. */
  p50: number
  p99: number
  max: number
}
