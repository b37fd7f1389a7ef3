import { isEnd } from '../../e2e/support/system.ts'
import type { ClientKind } from '../client-log.ts'
import type { Random } from '../random.ts'
import { RecordedLog } from './recorded-log.ts'
import { ReturningWatcher } from './returning-watcher.ts'
import { type Closed, SseConnection, type SseFrame } from './sse-connection.ts'
import { type Hear, isForLater, type Reach } from './watcher.ts'

/** What a client does to its connection; called for each. Gives back what to do when that is closed. */
export type Habit = (connection: SseConnection) => (() => void) | undefined

export interface Following {
  readonly kind: ClientKind
  readonly session: string
  /** Null: all of the session. */
  readonly run: string | null
  readonly after?: string | null
  /** A request that starts the run and streams it; `run` is then known from its answer. */
  readonly start?: { readonly path: string; readonly body: object; readonly key: string }
  readonly onStarted?: (run: string) => void
  /** Its first message may not have been sent yet. */
  readonly isNew?: boolean
  readonly habit?: Habit
}

/** Follows over SSE. */
export class SseFollower extends ReturningWatcher {
  private readonly what: Following
  private readonly hear: Hear
  private connection: SseConnection | null = null
  private hasEnded = false

  constructor(what: Following, reach: Reach, random: Random, hear: Hear) {
    super(new RecordedLog(what.kind, what.session, what.run, what.after), reach, random)
    this.what = what
    this.hear = hear
  }

  protected override get place(): string {
    return String(this.connection?.standing)
  }

  /** Who follows a run is told by the stream. */
  protected override get endsWithSession(): boolean {
    return this.log.run === null
  }

  protected override hangUp(): void {
    this.connection?.cut()
  }

  protected override async connect(): Promise<number | null> {
    const { session, habit } = this.what
    const { key, silentMs } = this.reach
    const { run } = this.log
    // Who does not know yet whether the run was started asks for it again, under the same key.
    const start = run === null ? this.what.start : undefined
    const path = start?.path ?? `/v1/sessions/${session}${run === null ? '' : `/runs/${run}`}/events`
    this.connection = new SseConnection({
      url: this.nextUrl() + path,
      headers: {
        authorization: `Bearer ${key}`,
        ...(start !== undefined && { 'idempotency-key': start.key }),
        ...(this.lastId !== null && { 'last-event-id': this.lastId }),
      },
      body: start?.body,
      silentMs,
      onOpen: ({ headers }) => start !== undefined && this.started(String(headers['x-spool-run'])),
      onFrame: (frame) => this.take(frame),
    })
    const over = habit?.(this.connection)
    const closed = await this.connection.closed
    over?.()
    if (!this.hasSeenAll) this.judge(closed)
    return closed.retryMs ?? (closed.status === 404 ? this.random.between(300, 900) : null)
  }

  private started(run: string): void {
    this.log.run = run
    this.what.onStarted?.(run)
  }

  private take({ id, event: name, data }: SseFrame): void {
    if (name === 'reset' || name === 'limit') this.log.fault(`was told ${name}: ${data}`)
    if (id !== null) this.lastId = id
    if (name === 'reset' || name === 'limit') return
    const event = this.log.event(data)
    if (event === null) return
    if (id !== `1-${event.seq}` || name !== event.type) {
      this.log.fault(`the frame ${id} ${name} holds ${event.seq} ${event.type}`)
    }
    if (this.log.run !== null && event.run === this.log.run && isEnd(event.type)) this.hasEnded = true
    this.hear(event)
    this.saw(event.seq)
  }

  private judge({ status, how, retryMs, body }: Closed): void {
    if (status === 200) {
      // Sent away at the end, it asks whether there is more.
      if (how === 'ended' && this.hasEnded && retryMs === null) this.hasSeenAll = true
    } else if (status === 204 && this.hasEnded) {
      this.hasSeenAll = true
    } else if (!isForLater(status) && !(status === 404 && this.what.isNew === true && this.lastSeq === 0)) {
      this.log.fault(`was answered ${status} ${body.slice(0, 300)}`)
    }
  }
}
