import type { MsgHdrs } from '@nats-io/nats-core'
import { type SpoolEvent, parseEvent } from '@spool/events'

const decoder = new TextDecoder()

/** What Spool writes beside an event's body. */
export const Header = {
  id: 'Spool-Id',
  prev: 'Spool-Prev',
  type: 'Spool-Type',
  trace: 'traceparent',
} as const

/** Everything that is known of an event before its body is looked at. */
export interface EventPlace {
  readonly seq: number
  /** The position of the session's event before this one; 0 for the first. */
  readonly prev: number
  readonly epoch: number
  readonly id: string
  readonly type: string
  readonly trace?: string | undefined
}

/** An event as it lies in the log. The body stays bytes until someone asks for more. */
export class StoredEvent implements EventPlace {
  readonly seq: number
  readonly prev: number
  readonly epoch: number
  readonly id: string
  readonly type: string
  readonly trace: string | undefined
  /** Wire frames made of this event, by format: encoded once, however many watch. */
  frames: Record<string, Uint8Array> | undefined = undefined
  private parsed: ReturnType<typeof parseEvent> | undefined = undefined

  constructor(
    place: EventPlace,
    readonly body: Uint8Array,
  ) {
    this.seq = place.seq
    this.prev = place.prev
    this.epoch = place.epoch
    this.id = place.id
    this.type = place.type
    this.trace = place.trace
  }

  static fromHeaders(
    seq: number,
    epoch: number,
    headers: Pick<MsgHdrs, 'get'> | undefined,
    body: Uint8Array,
  ): StoredEvent {
    return new StoredEvent({ ...placeOf(seq, headers), epoch }, body)
  }

  text(): string {
    return decoder.decode(this.body)
  }

  parse(): ReturnType<typeof parseEvent> {
    this.parsed ??= parseEvent(this.body)
    return this.parsed
  }

  /** The event, or `null` where the body does not parse. */
  event(): SpoolEvent | null {
    const result = this.parse()
    return result.ok ? result.event : null
  }
}

/** What the headers of an event say of it, at the position at which it lies. */
export function placeOf(seq: number, headers: Pick<MsgHdrs, 'get'> | undefined): Omit<EventPlace, 'epoch'> {
  return {
    seq,
    prev: Number(headers?.get(Header.prev) ?? 0),
    id: headers?.get(Header.id) ?? '',
    type: headers?.get(Header.type) ?? '',
    trace: headers?.get(Header.trace) || undefined,
  }
}
