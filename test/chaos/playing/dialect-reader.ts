import type { Random } from '../random.ts'
import { type DialectName, type DialectCall, dialectCall } from './dialect-bodies.ts'
import type { Plot } from './kinds.ts'
import { RecordedLog } from './recorded-log.ts'
import { ReturningWatcher } from './returning-watcher.ts'
import { SseConnection, type SseFrame } from './sse-connection.ts'
import type { Habit } from './sse-follower.ts'
import { isForLater, type Reach } from './watcher.ts'

export interface DialectReading {
  readonly dialect: DialectName
  readonly session: string
  readonly plot: Plot
  /** Of the request that starts the run. */
  readonly key: string
  readonly onStarted: (run: string) => void
  readonly habit?: Habit
}

/** Starts a run in a dialect and reads it to its last word; comes back as the dialect has it, now in one way, now in the other. */
export class DialectReader extends ReturningWatcher {
  private readonly what: DialectReading
  private readonly call: DialectCall
  private connection: SseConnection | null = null

  constructor(what: DialectReading, reach: Reach, random: Random) {
    super(new RecordedLog(`dialect ${what.dialect}`, what.session, null), reach, random)
    this.what = what
    this.call = dialectCall(what.dialect, what.session, what.plot)
    this.log.query = this.call.options
  }

  protected override get place(): string {
    return String(this.connection?.standing)
  }

  /** The dialect says where it ends. */
  protected override get endsWithSession(): boolean {
    return false
  }

  protected override hangUp(): void {
    this.connection?.cut()
  }

  protected override async connect(): Promise<number | null> {
    const { session, habit, key } = this.what
    const { path, body, options } = this.call
    const { lastId } = this
    // Who has not seen an event yet asks for the same run again.
    const isPost = lastId === null || this.random.next() < 0.5
    const query = new URLSearchParams({ session_id: session, after: String(lastId), ...options })
    this.connection = new SseConnection({
      url: `${this.nextUrl()}${path}${isPost ? '' : `?${query}`}`,
      headers: {
        authorization: `Bearer ${this.reach.key}`,
        ...(isPost && { 'idempotency-key': key }),
        ...(isPost && lastId !== null && { 'last-event-id': lastId }),
      },
      body: isPost ? body : undefined,
      silentMs: this.reach.silentMs,
      onOpen: ({ headers }) => this.opened(String(headers['x-spool-run'])),
      onFrame: (frame) => this.take(frame),
    })
    const over = habit?.(this.connection)
    const closed = await this.connection.closed
    over?.()
    if (!this.hasSeenAll && closed.status !== 200 && !isForLater(closed.status)) {
      this.log.fault(`was answered ${closed.status} ${closed.body.slice(0, 300)}`)
    }
    return closed.retryMs
  }

  private opened(run: string): void {
    if (this.log.run !== null && this.log.run !== run) this.log.fault(`was told of ${run}, before of ${this.log.run}`)
    if (this.log.count > 0) this.log.joints.push(this.log.count)
    this.log.run = run
    this.what.onStarted(run)
  }

  private take({ id, data, text }: SseFrame): void {
    const { isBeat, isBroken, isLast } = this.call
    if (isBeat(text)) return
    this.log.frame(text)
    if (id !== null) this.lastId = id
    if (isBroken(text)) this.log.fault(`the stream ended before its run: ${text}`)
    if (isLast(data)) this.end()
  }
}
