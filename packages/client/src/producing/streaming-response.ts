import type { Connection } from '../calling/connection.ts'
import { queryOf } from '../calling/query.ts'
import type { Cursor } from '../cursor.ts'
import { splitHalf, whole } from './whole-text.ts'

/** In UTF-16 units. As JSON it fits into a chunk whatever it is. */
const LONGEST_CHUNK = 16_384

/** Why a message ends. `error: …` says what went wrong; with it, and with `cancelled`, the message is partial. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'cancelled' | `error: ${string}`

export interface ProducedUsage {
  readonly input_tokens: number
  readonly output_tokens: number
  readonly cached_tokens?: number
  readonly reasoning_tokens?: number
}

export interface Chunk {
  readonly sequence: number
  readonly text: string
  readonly at: string
  /** Since the chunk before it; `null` for the first. */
  readonly interval_ms: number | null
}

export interface Chunks {
  readonly chunks: readonly Chunk[]
  /** Of the last chunk that there is. */
  readonly current_sequence: number
  /** Where it has grown and the text began anew, ask again after 0. */
  readonly attempt: number
  readonly finished: boolean
}

export interface Finalized {
  readonly message: string
  readonly status: 'complete' | 'partial'
  readonly finish_reason: string
  /** The run's end. */
  readonly cursor: Cursor
}

/** As the server has begun it; of one that is taken up again only its message is known. */
export interface Begun {
  readonly message: string
  readonly run?: string
  readonly cursor?: Cursor
}

/**
 * A message that this program writes and Spool carries. Whatever is sent is numbered, and sent again under its number
 * where no answer came, so nothing is doubled or lost, whichever server takes it.
 */
export class StreamingResponse {
  readonly message: string
  readonly run: string | undefined
  /** Follow from here to see all of it. */
  readonly cursor: Cursor | undefined
  /** Of the last chunk; `null`: to be asked for. */
  private sequence: number | null
  /** Half a character, which waits for its other half. */
  private held = ''
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly connection: Connection,
    private readonly path: string,
    { message, run, cursor }: Begun,
    private readonly signal?: AbortSignal,
  ) {
    this.message = message
    this.run = run
    this.cursor = cursor
    this.sequence = run === undefined ? null : 0
  }

  /**
   * Resolves with the chunk's number once it is safe. Calls need not be awaited: they are sent in their order. One that
   * was rejected may be made again with the same text; those behind it were rejected, too.
   */
  appendStreamingChunk(text: string): Promise<number> {
    return this.inTurn(async () => {
      const before = { sequence: await this.current(), held: this.held }
      const { whole: ready, held } = splitHalf(this.held + text)
      try {
        return await this.send(whole(ready), held)
      } catch (error) {
        // What of it is stored is answered the same when it comes again.
        Object.assign(this, before)
        throw error
      }
    })
  }

  /** Something of your own beside the text, `custom.<name>`, in its place among the chunks. Resolves with its cursor. */
  emit(type: `custom.${string}`, data?: unknown): Promise<Cursor> {
    return this.inTurn(async () => {
      const call = { method: 'POST' as const, path: `${this.path}/custom`, body: { type, data }, signal: this.signal }
      return (await this.connection.json<{ cursor: Cursor }>(call)).cursor
    })
  }

  /** Ends message and run. Repeated with the same, it says the same. */
  finalizeStreamingResponse(reason: FinishReason = 'stop', usage?: ProducedUsage): Promise<Finalized> {
    return this.inTurn(async () => {
      if (this.held !== '') await this.send(whole(this.held), '')
      const body = { finish_reason: reason, usage }
      return this.connection.json<Finalized>({
        method: 'POST',
        path: `${this.path}/finalize`,
        body,
        signal: this.signal,
      })
    })
  }

  /** All chunks behind that one, as the log has them. */
  getStreamingChunksAfter(sequence = 0): Promise<Chunks> {
    return chunksAfter(this.connection, this.path, sequence, this.signal)
  }

  /** @deprecated since 0.2.0, removed in 0.3.0. Use `appendStreamingChunk(text)`, which resolves with the number. */
  async applyStreamingDelta(delta: string): Promise<void> {
    await this.appendStreamingChunk(delta)
  }

  /** @deprecated since 0.2.0, removed in 0.3.0. Use `finalizeStreamingResponse('stop', usage)`. */
  async finishStreamingResponse(usage?: ProducedUsage): Promise<void> {
    await this.finalizeStreamingResponse('stop', usage)
  }

  /** @deprecated since 0.2.0, removed in 0.3.0. Use `finalizeStreamingResponse('error: …')`. */
  async abortStreamingResponse(reason = 'aborted'): Promise<void> {
    await this.finalizeStreamingResponse(`error: ${reason}`)
  }

  private async send(text: string, held: string): Promise<number> {
    let sequence = await this.current()
    for (let rest = text; rest !== '';) {
      const { whole: piece } = splitHalf(rest.slice(0, LONGEST_CHUNK))
      const body = { text: piece, sequence: sequence + 1 }
      await this.connection.json({ method: 'POST', path: `${this.path}/chunks`, body, signal: this.signal })
      rest = rest.slice(piece.length)
      this.sequence = ++sequence
    }
    this.held = held
    return sequence
  }

  private async current(): Promise<number> {
    this.sequence ??= (await chunksAfter(this.connection, this.path, 1e15 - 1, this.signal)).current_sequence
    return this.sequence
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work)
    this.last = turn
    turn.catch(() => {
      // Those that came later were rejected with it; from here on everything may be tried again.
      if (this.last === turn) this.last = Promise.resolve()
    })
    return turn
  }
}

/** `path`: of the message. */
export async function chunksAfter(
  connection: Connection,
  path: string,
  sequence: number,
  signal?: AbortSignal,
): Promise<Chunks> {
  const chunks: Chunk[] = []
  for (let after = sequence; ; after = chunks.at(-1)!.sequence) {
    const page = await connection.json<Chunks & { more: boolean }>({
      path: `${path}/chunks${queryOf({ after })}`,
      signal,
    })
    chunks.push(...page.chunks)
    const { current_sequence, attempt, finished } = page
    if (!page.more) return { chunks, current_sequence, attempt, finished }
  }
}
