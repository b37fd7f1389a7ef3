import { EventTooLarge, MAX_EVENT_BYTES } from '@spool/events'
import { AppendNotPermitted, isFinal, LogBehind, LogFull, SessionErased } from '../errors.ts'
import { ERASED, type Log } from '../log.ts'
import { type SessionRef, shardOf } from '../naming/session-ref.ts'
import { logStreamName } from '../naming/subjects.ts'
import { allAfter, endOfSubject } from '../reading/from-leader.ts'
import type { StoredEvent } from '../stored-event.ts'
import { retryDelay, unlessAborted } from '../waiting.ts'
import { eventHeaders } from './event-headers.ts'
import { type PublishOutcome, outcomeOfFailure } from './publish-outcome.ts'

export interface Draft {
  /** A ULID made once per decision. The same draft is sent again under the same id, a new decision has a new one. */
  readonly id: string
  readonly type: string
  readonly body: Uint8Array
  readonly trace?: string | undefined
}

export type Appended =
  | { readonly outcome: 'stored'; readonly seq: number }
  /** Others appended first. The draft is not stored and never will be. The writer stands at the last of them. */
  | { readonly outcome: 'overtaken'; readonly others: readonly StoredEvent[] }

export interface WriterOptions {
  signal?: AbortSignal
  /** Told once per event while the stream is full and the append waits. */
  onFull?: (error: unknown) => void
}

/** A replica that has just become the leader may not have applied all that it holds. It has after a moment. */
const LOOKS_BEFORE_BEHIND = 5

/**
 * The one place that appends to a session's chain. Each append is a compare-and-swap on the session's subject:
 * it carries the position the writer believes is last. Only an ack with a position is knowledge. After anything
 * else the writer reads from the leader what follows its position and finds out.
 */
export class ChainWriter {
  /** What JetStream must find as the subject's last position: `prev`, or 0 once that event has left the stream. */
  private expected: number
  private readonly subject: string
  private readonly stream: string
  private readonly shard: number
  /** In which this writer's position was found. */
  private readonly epoch: number

  constructor(
    private readonly log: Log,
    private readonly ref: SessionRef,
    /** The last event this writer has taken into account; 0 only for a session that is known to be new. */
    private prev: number,
    private readonly options: WriterOptions = {},
  ) {
    this.expected = prev
    this.subject = log.subjects.log(ref)
    this.shard = shardOf(ref, log.subjects.shards)
    this.stream = logStreamName(this.shard, log.subjects.shards)
    this.epoch = log.horizon.epoch(this.shard)
  }

  get position(): number {
    return this.prev
  }

  async append(draft: Draft): Promise<Appended> {
    if (draft.body.length > MAX_EVENT_BYTES) throw new EventTooLarge(draft.type, draft.body.length, MAX_EVENT_BYTES)
    const { signal, onFull } = this.options
    for (let attempt = 0, saidFull = false; ; attempt++) {
      signal?.throwIfAborted()
      const looking = this.log.horizon.mayAppend(this.shard)
      if (looking !== undefined) await unlessAborted(looking, signal)
      this.assertSameEpoch()
      const outcome = await this.publish(draft)
      if (outcome.kind === 'stored') return this.advance(outcome.seq)
      const settled = await this.settle(draft.id)
      if (settled !== null) return settled
      if (outcome.kind === 'refused') throw this.refusal(draft, outcome)
      if (outcome.kind === 'full' && !saidFull) {
        saidFull = true
        onFull?.(outcome.error)
        this.log.onFull(new LogFull(this.stream))
      }
      // The very same event goes out again: same id, same expectation.
      if (attempt > 0 || outcome.kind === 'full') await retryDelay(attempt, signal)
    }
  }

  private async publish(draft: Draft): Promise<PublishOutcome> {
    const { bus } = this.log
    try {
      if (!bus.connected) return { kind: 'unknown', error: null }
      const ack = await bus.acks.publish(this.subject, draft.body, eventHeaders(draft, this.expected, this.prev))
      // A doubled publish can be acked with position 0: that says nothing.
      return ack.seq > 0 && !ack.duplicate ? { kind: 'stored', seq: ack.seq } : { kind: 'unknown', error: null }
    } catch (error) {
      return outcomeOfFailure(error)
    }
  }

  /** Finds out from the leader what became of an append whose fate is unknown. `null`: it is not stored, send it again. */
  private async settle(id: string): Promise<Appended | null> {
    const { bus, horizon } = this.log
    const { signal } = this.options
    for (let attempt = 0, looksBehind = 0; ; attempt++) {
      try {
        await bus.untilConnected(signal)
        const others = await allAfter(bus, this.stream, this.subject, this.prev, horizon.epoch(this.shard))
        if (others.length > 0) return await this.found(id, others)
        const end = await endOfSubject(bus, this.stream, this.subject)
        if (end === null) return await this.settleEmpty(id)
        if (end.seq === this.expected) return null
        // Somebody appended between the two reads.
        if (end.seq > this.prev) continue
        if (end.type === ERASED) throw new SessionErased(this.ref.session)
        throw new LogBehind(this.prev, end.seq)
      } catch (error) {
        const mayPass = error instanceof LogBehind ? ++looksBehind < LOOKS_BEFORE_BEHIND : !isFinal(error)
        if (!mayPass || signal?.aborted || bus.nc.isClosed()) throw error
      }
      await retryDelay(attempt, signal)
    }
  }

  /** JetStream holds nothing of the session: it is new, or its events have left, or it was erased. */
  private async settleEmpty(id: string): Promise<Appended | null> {
    const { log, ref } = this
    // Or the stream was restored: what this writer stands on may be another event there.
    await log.horizon.verify()
    this.assertSameEpoch()
    const tail = await log.askArchive(() => log.archive.tail(ref), this.options.signal)
    if (tail.erased) throw new SessionErased(ref.session)
    // Nothing leaves JetStream that the archive does not hold: what this writer stands on was lost.
    if (tail.seq < this.prev) throw new LogBehind(this.prev, tail.seq)
    const others = await this.readUntil(tail.seq)
    const settled = others.length > 0 ? await this.found(id, others) : null
    this.expected = 0
    return settled
  }

  /** `null` where nothing of it belongs to the chain, so that the draft may be sent again behind it. */
  private async found(id: string, others: readonly StoredEvent[]): Promise<Appended | null> {
    const own = others.find((event) => event.id === id)
    // Ours can only be the first after our position: that is what its expectation said.
    if (own !== undefined) return this.advance(own.seq)
    const chain: StoredEvent[] = []
    for (const event of others) {
      // Left out: what a writer that slept through a purge appended behind the chain's end.
      if (event.prev < this.prev) continue
      // What came before it has left the stream: from the archive, or nowhere in an erased session.
      const next = event.prev === this.prev ? [event] : await this.readUntil(event.seq)
      chain.push(...next)
      this.prev = chain.at(-1)!.seq
    }
    // None follows from where this writer stands, though they came later: was that lost with an older store?
    if (chain.length === 0 && !(await this.log.isStored(this.ref, this.prev))) {
      throw new LogBehind(this.prev, others.at(-1)!.prev)
    }
    this.expected = others.at(-1)!.seq
    this.log.horizon.saw(this.shard, this.expected)
    return chain.length > 0 ? { outcome: 'overtaken', others: chain } : null
  }

  private assertSameEpoch(): void {
    const current = this.log.horizon.epoch(this.shard)
    if (current === this.epoch) return
    const why = `The log has begun epoch ${current}; this was to follow what it held in epoch ${this.epoch}. Load the session again.`
    throw new LogBehind(this.prev, this.prev, why)
  }

  private async readUntil(seq: number): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    for await (const event of this.log.read(this.ref, this.prev, seq, this.options.signal)) events.push(event)
    return events
  }

  private advance(seq: number): Appended {
    this.prev = seq
    this.expected = seq
    this.log.horizon.saw(this.shard, seq)
    return { outcome: 'stored', seq }
  }

  private refusal(draft: Draft, outcome: PublishOutcome & { kind: 'refused' }): Error {
    return outcome.why === 'size'
      ? new EventTooLarge(draft.type, draft.body.length, MAX_EVENT_BYTES)
      : new AppendNotPermitted(this.subject, outcome.error)
  }
}
