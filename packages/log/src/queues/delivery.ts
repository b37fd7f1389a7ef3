import type { JsMsg } from '@nats-io/jetstream'
import type { SessionRef } from '../naming/session-ref.ts'

/** What becomes of a job after its handler. */
export type Settlement =
  /** Everything that follows from it is durable. */
  | { kind: 'done' }
  /** Not yet: give it out again after a while. */
  | { kind: 'later'; delayMs: number }
  /** Somebody else owns it now: an ack would remove it under them, so nothing more is sent. */
  | { kind: 'not-mine' }
  /** It can never succeed. */
  | { kind: 'unusable'; reason: string }

export const DONE: Settlement = { kind: 'done' }
export const NOT_MINE: Settlement = { kind: 'not-mine' }

const KINDS: ReadonlySet<unknown> = new Set<Settlement['kind']>(['done', 'later', 'not-mine', 'unusable'])

export function isSettlement(value: unknown): value is Settlement {
  return typeof value === 'object' && value !== null && 'kind' in value && KINDS.has(value.kind)
}

/** A job in the hands of this process. */
export class Delivery {
  /** Where the job's subject says it belongs. */
  readonly ref: SessionRef
  /** The subject's tokens after the session. */
  readonly tail: readonly string[]
  readonly takenAtMs = Date.now()
  /** Where it was put off: when it is given out again. */
  putOffUntilMs: number | null = null
  private settled = false

  constructor(
    private message: JsMsg,
    /** How often its handler has failed in this process. Waiting for its turn, or for what is away, is no failure. */
    readonly failures = 0,
  ) {
    const tokens = message.subject.split('.')
    // `work.<kind>.<shard>.<tenant>.<session>…` against `intake.<shard>.<tenant>.<session>…`
    const at = tokens[0] === 'work' ? 3 : 2
    this.ref = { tenant: tokens[at]!, session: tokens[at + 1]! }
    this.tail = tokens.slice(at + 2)
  }

  get subject(): string {
    return this.message.subject
  }

  get body(): Uint8Array {
    return this.message.data
  }

  get text(): string {
    return this.message.string()
  }

  /** 1 the first time. */
  get deliveries(): number {
    return this.message.info.deliveryCount
  }

  /** The position in its queue. */
  get queueSeq(): number {
    return this.message.seq
  }

  header(name: string): string | undefined {
    return this.message.headers?.get(name) || undefined
  }

  /** The same job was handed to its own worker again, after an outage of the bus: from now on under the new delivery. */
  adopt(message: JsMsg): void {
    this.message = message
  }

  /** Tells the queue that the job is being worked on. */
  working(): void {
    if (!this.settled) this.message.working()
  }

  settle(settlement: Settlement): void {
    if (this.settled) return
    this.settled = true
    if (settlement.kind === 'done') this.message.ack()
    else if (settlement.kind === 'later') {
      this.putOffUntilMs = Date.now() + settlement.delayMs
      this.message.nak(settlement.delayMs)
    }
    if (settlement.kind === 'unusable') this.message.term(settlement.reason)
  }
}
