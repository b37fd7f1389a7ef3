import { Backoff, wait } from './calling/backoff.ts'
import type { Call, Connection } from './calling/connection.ts'
import { queryOf } from './calling/query.ts'
import type { ClientEvent, QuestionEvent } from './client-event.ts'
import type { ConfirmAnswer, Confirmed } from './confirm-answer.ts'
import { BEGINNING, type Cursor, positionOf } from './cursor.ts'
import { AnswerNotTaken, Refused } from './errors.ts'
import { type Begun, type Chunks, chunksAfter, StreamingResponse } from './producing/streaming-response.ts'
import { Run, type RunOutcome } from './run.ts'
import type {
  ArtifactSnapshot,
  AtCursor,
  MessageSnapshot,
  QuestionSnapshot,
  RawMessage,
  RunSnapshot,
  SessionSnapshot,
} from './snapshots.ts'
import type { BeginOptions, FollowOptions, ForkOptions, Message, Moment, SendOptions } from './session-options.ts'
import { endingOf } from './streaming/answer-text.ts'
import { Chain } from './streaming/chain.ts'
import { follow } from './streaming/follow.ts'
import { RunEnd } from './streaming/run-end.ts'

/** One conversation. It begins with the first message that is sent to it. */
export class Session {
  private readonly path: string

  constructor(
    private readonly connection: Connection,
    readonly id: string,
  ) {
    this.path = `/v1/sessions/${encodeURIComponent(id)}`
  }

  /**
   * Sends a message and starts a run that answers it. Resolves once the message is safe; a try that got no answer is
   * repeated under the same key, so nothing is started twice.
   *
   * @example
   * const run = await spool.session('s1').send('Hello')
   * for await (const event of run.events) if (event.type === 'text.delta') show(event.text)
   */
  async send(message: Message, options: SendOptions = {}): Promise<Run> {
    const { idempotencyKey = newKey(), signal } = options
    const start: Call = {
      method: 'POST',
      path: `${this.path}/runs`,
      body: bodyOf(message, options),
      headers: { accept: 'text/event-stream', 'idempotency-key': idempotencyKey },
      signal,
    }
    const first = await this.connection.call(start)
    const id = first.headers.get('x-spool-run') ?? ''
    const end = new RunEnd(id)
    const events = follow({
      connection: this.connection,
      chain: new Chain(undefined, id),
      // Until its first event is here, the same request is the way back to the run.
      callAfter: (cursor) => (cursor === undefined ? start : this.runEvents(id, cursor)),
      first,
      isLast: (event) => end.isLast(event),
      signal,
    })
    return new Run(id, this.id, events, {
      end,
      readStored: () => this.storedOutcome(id, signal),
      isWaiting: (question) => this.isWaiting(question, signal),
      confirm: (question, answer) => this.confirm(question, answer, signal),
    })
  }

  /** Every event of the session, history first, then as they come. Ends only by the signal or an error. */
  follow({ after = '0', signal }: FollowOptions = {}): AsyncGenerator<ClientEvent, void, undefined> {
    return follow({
      connection: this.connection,
      chain: new Chain(positionOf(after) ?? BEGINNING),
      callAfter: (cursor = after) => ({
        path: `${this.path}/events`,
        headers: { accept: 'text/event-stream', 'last-event-id': cursor },
      }),
      after,
      isLast: (event) => event.type === 'session.erased',
      signal,
    })
  }

  /** Every event from the run's first to its last; then it ends. */
  followRun(run: string, { after, signal }: FollowOptions = {}): AsyncGenerator<ClientEvent, void, undefined> {
    const end = new RunEnd(run)
    return follow({
      connection: this.connection,
      chain: new Chain(after === undefined || after === '0' ? undefined : positionOf(after), run),
      callAfter: (cursor) => this.runEvents(run, cursor),
      after,
      isLast: (event) => end.isLast(event),
      signal,
    })
  }

  /**
   * A new session with the history up to a cursor. Resolves once all of it is there; what was open at the cursor is
   * partial in the copy. A try that got no answer is repeated under the same key, so nothing is copied twice.
   *
   * @example
   * const other = await session.fork({ at: event.cursor })
   * const run = await other.send('No, the other way round')
   */
  async fork({ at, session, idempotencyKey = newKey(), signal }: ForkOptions = {}): Promise<Session> {
    const call: Call = {
      method: 'POST',
      path: `${this.path}/fork`,
      body: { at, session },
      headers: { 'idempotency-key': idempotencyKey },
      signal,
    }
    const backoff = new Backoff(this.connection.backoff)
    for (;;) {
      const answer = await this.connection.json<{ session: string; cursor: Cursor | null }>(call)
      if (answer.cursor !== null) return new Session(this.connection, answer.session)
      // It is safe, and not whole yet.
      await wait(backoff.nextMs(), signal)
    }
  }

  /**
   * Begins a message that this program writes itself. Refused with `session_busy` while a run is active.
   *
   * @example
   * const response = await session.beginStreamingResponse('my-model')
   * for await (const text of words) await response.appendStreamingChunk(text)
   * await response.finalizeStreamingResponse('stop', { input_tokens: 12, output_tokens: 34 })
   */
  async beginStreamingResponse(
    model?: string,
    { idempotencyKey = newKey(), signal }: BeginOptions = {},
  ): Promise<StreamingResponse> {
    const begun = await this.connection.json<Begun>({
      method: 'POST',
      path: `${this.path}/messages`,
      body: { role: 'assistant', model },
      headers: { 'idempotency-key': idempotencyKey },
      signal,
    })
    return new StreamingResponse(this.connection, this.pathOf(begun.message), begun, signal)
  }

  /** A message that this program, or one before it, has begun: goes on behind its last chunk. */
  streamingResponse(message: string, signal?: AbortSignal): StreamingResponse {
    return new StreamingResponse(this.connection, this.pathOf(message), { message }, signal)
  }

  /** What a message says, in its chunks, while it is written and ever after. */
  getStreamingChunksAfter(message: string, sequence = 0, signal?: AbortSignal): Promise<Chunks> {
    return chunksAfter(this.connection, this.pathOf(message), sequence, signal)
  }

  /** Resolves when what was written so far is safe and marked as partial; repeated, it says the same. */
  async cancel(run: string, signal?: AbortSignal): Promise<{ status: string; cursor: Cursor | null }> {
    return this.connection.json({ method: 'POST', path: `${this.path}/runs/${encodeURIComponent(run)}/cancel`, signal })
  }

  /**
   * Answers a question: by its id, or as it came in an event or a snapshot, and then only what was shown there. Throws
   * `AnswerNotTaken` where it does not wait for this answer (any more).
   *
   * @example
   * for await (const event of run.events) if (isQuestion(event)) await session.confirm(event, { action: 'confirm' })
   */
  async confirm(
    question: string | QuestionEvent | QuestionSnapshot,
    answer: ConfirmAnswer,
    signal?: AbortSignal,
  ): Promise<Confirmed> {
    const { idempotencyKey = newKey(), ...body } = answer
    const [id, hash] = typeof question === 'string' ? [question] : [questionIdOf(question), question.hash]
    try {
      return await this.connection.json({
        method: 'POST',
        path: `${this.path}/confirmations/${encodeURIComponent(id)}`,
        body: { hash, ...body },
        headers: { 'idempotency-key': idempotencyKey },
        signal,
      })
    } catch (error) {
      if (error instanceof Refused && error.status === 409) throw new AnswerNotTaken(error.problem)
      throw error
    }
  }

  /** All questions of the session, answered or not. */
  confirmations(of: Moment = {}, signal?: AbortSignal): Promise<AtCursor<{ confirmations: QuestionSnapshot[] }>> {
    return this.read('/confirmations', of, signal)
  }

  artifacts(of: Moment = {}, signal?: AbortSignal): Promise<AtCursor<{ artifacts: ArtifactSnapshot[] }>> {
    return this.read('/artifacts', of, signal)
  }

  /** What is too large for an event: a tool's output, a document, a file. */
  async blob(id: string, signal?: AbortSignal): Promise<Blob> {
    const response = await this.connection.call({ path: `${this.path}/blobs/${encodeURIComponent(id)}`, signal })
    return response.blob()
  }

  /** Erases the session everywhere, for good, and what is remembered of it where that is wished. */
  async erase({ memories = false } = {}, signal?: AbortSignal): Promise<void> {
    const query = queryOf({ memories: memories || undefined })
    await this.connection.call({ method: 'DELETE', path: `${this.path}${query}`, signal })
  }

  /**
   * The session as it stands, or with `at` as it stood at one of its cursors; so all that is read of it.
   *
   * @example
   * const { session } = await spool.session('s1').snapshot({ at: event.cursor })
   */
  snapshot(of: Moment = {}, signal?: AbortSignal): Promise<AtCursor<{ session: SessionSnapshot }>> {
    return this.read('', of, signal)
  }

  /** In the order of the conversation; `after` is the `next` of the page before. */
  messages(
    page: Moment & { limit?: number; after?: string | number } = {},
    signal?: AbortSignal,
  ): Promise<AtCursor<{ messages: MessageSnapshot[]; next: string | null }>> {
    return this.read('/messages', page, signal)
  }

  message(id: string, of: Moment = {}, signal?: AbortSignal): Promise<AtCursor<{ message: MessageSnapshot }>> {
    return this.read(`/messages/${encodeURIComponent(id)}`, of, signal)
  }

  /** What a model was sent for a message, and how its provider ended the answer. */
  rawMessage(id: string, signal?: AbortSignal): Promise<AtCursor<RawMessage>> {
    return this.read(`/messages/${encodeURIComponent(id)}/raw`, {}, signal)
  }

  run(id: string, of: Moment = {}, signal?: AbortSignal): Promise<AtCursor<{ run: RunSnapshot }>> {
    return this.read(`/runs/${encodeURIComponent(id)}`, of, signal)
  }

  /** One page of the chain, without waiting for what comes. */
  events(
    { after = '0', limit = 100 }: { after?: Cursor; limit?: number } = {},
    signal?: AbortSignal,
  ): Promise<{ events: Omit<ClientEvent, 'cursor'>[]; next: Cursor; more: boolean }> {
    return this.connection.json({ path: `${this.path}/events${queryOf({ after, limit })}`, signal })
  }

  private pathOf(message: string): string {
    return `${this.path}/messages/${encodeURIComponent(message)}`
  }

  private read<T>(path: string, query: Parameters<typeof queryOf>[0], signal?: AbortSignal): Promise<T> {
    return this.connection.json({ path: `${this.path}${path}${queryOf(query)}`, signal })
  }

  private runEvents(run: string, cursor: Cursor | undefined): Call {
    const headers = { accept: 'text/event-stream', ...(cursor === undefined ? {} : { 'last-event-id': cursor }) }
    return { path: `${this.path}/runs/${encodeURIComponent(run)}/events`, headers }
  }

  private async storedOutcome(id: string, signal?: AbortSignal): Promise<RunOutcome | null> {
    const { run } = await this.run(id, {}, signal)
    const ending = endingOf(run)
    if (ending === undefined) return null
    const { messages } = await this.messages({ after: run.first_seq, limit: 1000 }, signal)
    const answer = messages.findLast((message) => message.run === id && message.role === 'assistant')
    return { ...ending, text: answer?.text ?? '' }
  }

  /** A request that is repeated under its key tells from the beginning, with questions that were answered long ago. */
  private async isWaiting({ confirmation }: QuestionEvent, signal?: AbortSignal): Promise<boolean> {
    const { confirmations } = await this.confirmations({}, signal)
    return (confirmations.find(({ id }) => id === confirmation)?.resolution ?? null) === null
  }
}

function questionIdOf(question: QuestionEvent | QuestionSnapshot): string {
  return 'confirmation' in question ? (question as QuestionEvent).confirmation : question.id
}

function bodyOf(message: Message, options: SendOptions): Record<string, unknown> {
  const { agent, model, language, whenBusy, onDisconnect, confirmation, metadata } = options
  return { message, agent, model, language, when_busy: whenBusy, on_disconnect: onDisconnect, confirmation, metadata }
}

/** Not `randomUUID`: browsers have that only on pages that were served securely. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
