/** An event as a client was given it: the parsed `data` of its frame. */
export type SeenEvent = Readonly<Record<string, unknown>> & { readonly seq: number; readonly prev: number }

/** How somebody watches. */
export type ClientKind =
  /** One run over SSE, from its first event to the end of the stream. */
  | 'run'
  /** A session over SSE, all its runs. */
  | 'session'
  /** The same over a WebSocket. */
  | 'web-socket'
  /** Reads a little, then nothing for seconds. */
  | 'slow'
  /** Hangs up at random and comes back, at any gateway, with the last position it saw. */
  | 'cutting'
  /** One run in a wire format of `packages/dialects`. */
  | `dialect ${string}`

/** What one client saw, over all its connections, in the order in which it saw it. */
export interface ClientLog {
  readonly kind: ClientKind
  readonly session: string
  /** The run it followed; null: the whole session. */
  readonly run: string | null
  /** The cursor it began behind; null: at the beginning. */
  readonly after: string | null
  /** Canonical clients. The judge wants each event of the log here, once, as it lies there. */
  readonly events: readonly SeenEvent[]
  /** Dialects: the frames as they came, comments and keep-alives left out. */
  readonly frames: readonly string[]
  /** Dialects: how many frames had come when a connection was opened, for each one that was opened behind the first frame. */
  readonly joints?: readonly number[]
  /** Dialects: what the stream was asked for beside the message, as the query of one that is resumed has it. */
  readonly query?: Readonly<Record<string, unknown>>
  /** When each event or frame came, in ms of the monotonic clock. */
  readonly at: readonly number[]
  /** It has seen the end of what it follows. */
  readonly isOver: boolean
  readonly reconnects: number
  /** What it noticed itself: an answer that should not be, an end too early. */
  readonly faults: readonly string[]
}
