import { setTimeout as sleep } from 'node:timers/promises'
import { isEnd } from '../../e2e/support/system.ts'
import type { ClientKind } from '../client-log.ts'
import type { Random } from '../random.ts'
import { RecordedLog } from './recorded-log.ts'
import { type Closed, SseConnection, type SseFrame } from './sse-connection.ts'
import { gateways, type Hear, isForLater, type Reach, type Watcher } from './watcher.ts'

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

/** Follows over SSE, comes back whenever the connection is gone, each time at another gateway. */
export class SseFollower implements Watcher {
  readonly log: RecordedLog
  readonly over: Promise<void>
  private readonly what: Following
  private readonly reach: Reach
  private readonly random: Random
  private readonly hear: Hear
  private readonly nextUrl: () => string
  private connection: SseConnection | null = null
  private lastId: string | null
  private lastSeq = 0
  private hasEnded = false
  private endSeq = Infinity
  private hasSeenAll = false

  constructor(what: Following, reach: Reach, random: Random, hear: Hear) {
    this.what = what
    this.reach = reach
    this.random = random
    this.hear = hear
    this.nextUrl = gateways(reach.urls, random)
    this.lastId = what.after ?? null
    this.log = new RecordedLog(what.kind, what.session, what.run, this.lastId)
    this.over = this.follow().finally(() => this.hasSeenAll && this.log.over())
  }

  get standing(): string {
    const { log, lastId, endSeq, connection } = this
    return `${log.kind} at ${lastId} of ${endSeq} after ${log.reconnects} reconnects, ${connection?.standing}`
  }

  endAt(seq: number): void {
    this.endSeq = seq
    this.look()
  }

  private async follow(): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst) this.log.reconnects++
      const closed = await this.connect()
      if (!this.hasSeenAll) this.judge(closed)
      if (this.hasSeenAll) return
      const isThere = closed.status !== 404
      await sleep(closed.retryMs ?? (isThere ? this.random.between(50, 300) : this.random.between(300, 900)))
      // Somebody may have said meanwhile that what it saw last was the end.
      if (this.hasSeenAll) return
    }
  }

  private async connect(): Promise<Closed> {
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
    return closed
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
    this.lastSeq = event.seq
    if (this.log.run !== null && event.run === this.log.run && isEnd(event.type)) this.hasEnded = true
    this.hear(event)
    this.look()
  }

  /** Whatever came with the last event is still read. */
  private look(): void {
    if (this.log.run !== null || this.lastSeq < this.endSeq || this.hasSeenAll) return
    this.hasSeenAll = true
    setImmediate(() => this.connection?.cut())
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
