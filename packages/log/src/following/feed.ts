import type { Msg, Subscription } from '@nats-io/nats-core'
import { formatCursor } from '@spool/events'
import { CursorLost, isFinal, SessionErased } from '../errors.ts'
import { type ChainEnd, type Cursor, ERASED, type Log } from '../log.ts'
import { type SessionRef, shardOf } from '../naming/session-ref.ts'
import { messageHeaders } from '../message-headers.ts'
import { eventAt } from '../reading/event-at.ts'
import { StoredEvent } from '../stored-event.ts'
import { retryDelay } from '../waiting.ts'
import type { FeedReader } from './feed-reader.ts'
import { HistoryPages } from './history-pages.ts'
import { isFollowed } from './is-followed.ts'
import { Ring } from './ring.ts'
import { Shelf } from './shelf.ts'

const RING_EVENTS = 512
const RING_BYTES = 256 * 1024
const MAX_EARLY = 512
/** Are told of an event in one turn of the event loop. In between comes everybody else, those who want to be let in too. */
const READERS_PER_TURN = 64

/**
 * One session's chain as it grows, shared by everyone in this process who follows the session. `live` is at most
 * once, so every event is checked against the chain; what is missing is read from the log before anything later
 * is handed on. Readers hold a position each: one that keeps up is served in the turn of the event loop in which the
 * event arrived (of very many, in one of the next ones, with all that has come by then), one that does not is served from
 * the ring or the log at its own pace.
 */
export class Feed {
  /** The last event of the chain that this feed knows: readers at this position are live. */
  tail = 0
  readonly ring = new Ring(RING_EVENTS, RING_BYTES)
  private readonly shelf = new Shelf()
  /** What is no longer in the ring. */
  readonly history: HistoryPages
  private readonly readers = new Set<FeedReader>()
  /** Those who have still to be told how far the tail has moved. `null`: nobody. */
  private telling: Iterator<FeedReader> | null = null
  private readonly shard: number
  private readonly subject: string
  private readonly closing = new AbortController()
  private subscription: Subscription | undefined
  private opened = false
  /** Live events that arrived while the chain before them is not known here. `null` while it is. */
  private early: StoredEvent[] | null = []
  private healing: Promise<void> | null = null
  private verifying: Promise<void> | null = null
  /** Cursors that the log is being asked about: those who were cut at once come back with the same one. */
  private readonly checking = new Map<string, Promise<void>>()
  private failure: { error: unknown } | null = null
  private readonly stopListening: (() => void)[]
  /** The event at `tail`; `null` where it was told by the archive. */
  private tailId: string | null = null
  private tailType: string | null = null
  /** The epoch in which the tail was found to be there. */
  private epoch = 0

  constructor(
    readonly log: Log,
    readonly ref: SessionRef,
  ) {
    this.shard = shardOf(ref, log.subjects.shards)
    this.subject = log.subjects.live(ref)
    this.history = new HistoryPages(log, ref, this.closing.signal)
    this.stopListening = [
      log.bus.onReconnect(() => void this.verify()),
      log.horizon.onEpoch(() => void this.verifyAgain()),
    ]
  }

  /** Subscribes first and asks for the last position afterwards, so that nothing falls in between. */
  async open(signal?: AbortSignal): Promise<void> {
    this.subscription = this.log.bus.nc.subscribe(this.subject, {
      callback: (error, message) => {
        if (!error) this.onLive(message)
      },
    })
    const either = signal === undefined ? this.closing.signal : AbortSignal.any([signal, this.closing.signal])
    this.epoch = this.log.epochOf(this.ref)
    const end = await this.askLeader(either)
    if (end.erased) throw new SessionErased(this.ref.session)
    this.tail = end.seq
    this.tailId = end.id
    this.tailType = end.type
    this.opened = true
    if (this.epoch !== this.log.epochOf(this.ref)) void this.verify()
    const hole = this.joinEarly()
    if (hole !== null) void this.reach(hole)
  }

  get signal(): AbortSignal {
    return this.closing.signal
  }

  get watched(): boolean {
    return this.readers.size > 0
  }

  /** If nothing comes, it may have been missed. */
  get awaitsMore(): boolean {
    return this.tailType !== null && isFollowed(this.tailType)
  }

  /** The chain cannot be continued from where this feed stands. Its readers have been told; make a new feed. */
  get broken(): boolean {
    return this.failure !== null
  }

  /** Whether a client has really been where its cursor says. Throws `CursorLost` where it has not. */
  async check(cursor: Cursor): Promise<void> {
    if (cursor.seq === 0 || this.isAtHand(cursor)) return
    const text = formatCursor(cursor)
    const checking = this.checking.get(text) ?? this.log.check(this.ref, cursor, this.closing.signal)
    this.checking.set(text, checking)
    try {
      await checking
    } finally {
      this.checking.delete(text)
    }
  }

  assertUsable(): void {
    if (this.failure !== null) throw this.failure.error
  }

  add(reader: FeedReader): void {
    this.readers.add(reader)
  }

  remove(reader: FeedReader): void {
    this.readers.delete(reader)
  }

  /** Compares with the leader: a live message may have been lost without a later one to show the hole. */
  verify(): Promise<void> {
    this.verifying ??= this.compare().finally(() => {
      this.verifying = null
    })
    return this.verifying
  }

  /** Resolves when the chain is known here up to a position that is stored, or cannot be. */
  async reach(position: number): Promise<void> {
    while (this.healing !== null) await this.healing
    if (this.tail >= position || this.ended) return
    this.healing = this.heal(position).finally(() => {
      this.healing = null
    })
    await this.healing
  }

  /** Told by a reader: what lies at `tail` is no part of the chain, which ends at `end`. */
  endsAt(end: number, tail: number): void {
    if (this.tail === tail) this.tail = end
  }

  close(): void {
    for (const stop of this.stopListening) stop()
    this.closing.abort(new Error('the feed was closed'))
    this.subscription?.unsubscribe()
  }

  /** `false` also where that is not known here for certain. */
  private isAtHand({ epoch, seq }: Cursor): boolean {
    if (this.ended || this.verifying !== null || this.log.horizon.looked() !== undefined) return false
    if (epoch !== this.epoch || epoch !== this.log.epochOf(this.ref)) return false
    return this.ring.has(seq) || (seq === this.tail && this.tailId !== null)
  }

  private get ended(): boolean {
    return this.closing.signal.aborted || this.failure !== null
  }

  private async verifyAgain(): Promise<void> {
    await this.verifying
    await this.verify()
  }

  private onLive(message: Msg): void {
    // Whoever may make a consumer can have events pushed to here: of any session, and under the subject of that one.
    if (message.subject !== this.subject) return
    // It may be of another epoch than the one before the break. The leader is asked for it in a moment.
    const looking = this.log.horizon.looked()
    if (looking !== undefined) return void looking.then(() => this.verify()).catch(() => undefined)
    const headers = messageHeaders(message)
    const seq = Number(headers?.get('Nats-Sequence') ?? 0)
    const body = this.shelf.keep(message.data)
    const event = StoredEvent.fromHeaders(seq, this.log.horizon.epoch(this.shard), headers, body)
    this.log.horizon.saw(this.shard, seq)
    if (this.early !== null) {
      // Too many to keep: those dropped are one hole more, before the ones that follow.
      if (this.early.length >= MAX_EARLY) this.early = []
      this.early.push(event)
    } else if (event.prev === this.tail) this.advance(event)
    else if (event.prev > this.tail) {
      this.early = [event]
      void this.reach(event.prev)
      // It follows from something older: no part of the chain, or else what we stand on was lost. Reading tells.
    } else if (event.seq > this.tail) void this.reach(event.seq)
  }

  private advance(event: StoredEvent): void {
    this.tail = event.seq
    this.tailId = event.id
    this.tailType = event.type
    this.ring.push(event)
    if (event.type === ERASED) {
      for (const reader of this.readers) reader.onMoved()
      // Nobody is shown any more what is still in memory here: not by a reader that is behind, nor by one to come.
      this.fail(new SessionErased(this.ref.session))
    } else if (this.telling === null) this.tellAll()
  }

  private tellAll(): void {
    this.telling = this.readers.values()
    this.tellSome(this.telling, this.tail)
  }

  private tellSome(readers: Iterator<FeedReader>, tail: number): void {
    for (let told = 0; told < READERS_PER_TURN; told++) {
      const { done, value: reader } = readers.next()
      if (done !== true) reader.onMoved()
      else {
        this.telling = null
        // Those who were told first have not heard of what came meanwhile.
        if (this.tail !== tail) this.tellAll()
        return
      }
    }
    setImmediate(() => this.tellSome(readers, tail))
  }

  private async compare(): Promise<void> {
    if (!this.opened) return
    try {
      const { seq } = await this.askLeader(this.closing.signal)
      await this.assertOnStored()
      await this.reach(seq)
    } catch (error) {
      this.fail(error)
    }
  }

  /**
   * What this feed has shown last may be lost with an earlier epoch. The same position is no proof: another event may
   * be stored there, where the store had grown again after it came back behind.
   */
  private async assertOnStored(): Promise<void> {
    const { log, ref, tail, tailId } = this
    const epoch = log.epochOf(ref)
    if (epoch === this.epoch) return
    if (tail > 0 && tailId !== null) {
      const stored = await eventAt(log, ref, tail, this.closing.signal)
      if (stored.id !== tailId) throw new CursorLost(`${this.epoch}-${tail}`, 'what was there was lost')
    }
    this.epoch = epoch
  }

  /** Reads the missing piece of the chain up to `position`, then goes on with what arrived meanwhile. */
  private async heal(position: number): Promise<void> {
    this.early ??= []
    let hole: number | null = position
    for (let attempt = 0; hole !== null; attempt++) {
      try {
        const missing = this.log.read(this.ref, this.tail, hole, this.closing.signal)
        for await (const event of missing) this.advance(event)
        hole = this.joinEarly()
      } catch (error) {
        if (isFinal(error)) this.fail(error)
        if (this.ended) return
        await retryDelay(attempt, this.closing.signal).catch(() => undefined)
      }
    }
  }

  /** Hands on what follows of the events that came early. Gives back where the next missing piece ends, if there is one. */
  private joinEarly(): number | null {
    const early = this.early ?? []
    for (const [index, event] of early.entries()) {
      if (event.prev > this.tail) {
        this.early = early.slice(index)
        return event.prev
      }
      if (event.prev === this.tail) this.advance(event)
    }
    this.early = null
    return null
  }

  private fail(error: unknown): void {
    if (this.ended) return
    this.failure = { error }
    this.subscription?.unsubscribe()
    for (const reader of this.readers) reader.fail(error)
  }

  private async askLeader(signal: AbortSignal): Promise<ChainEnd> {
    const { bus } = this.log
    for (let attempt = 0; ; attempt++) {
      try {
        await bus.untilConnected(signal)
        await this.log.horizon.looked()
        await bus.whileConnected(bus.nc.flush())
        return await this.log.end(this.ref, signal)
      } catch (error) {
        if (signal.aborted || isFinal(error) || bus.nc.isClosed()) throw error
        await retryDelay(attempt, signal)
      }
    }
  }
}
