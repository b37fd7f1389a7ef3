import type { SessionRef, StoredEvent } from '@spool/log'
import { storableId, storableMs, storablePosition, storableText } from './storable.ts'

/** One row of `events`, as it goes into the database. */
export interface EventRow {
  shard: number
  epoch: number
  seq: number
  tenant: string
  session: string
  prev: number
  id: string
  type: string
  run: string | null
  /** In ms of the Unix clock. */
  at: number | null
  storedAt: number
  trace: string | null
  onChain: boolean
  problem: string | null
  bytes: number
  body: string | null
  raw: Buffer | null
}

export interface EventPlaceInLog {
  readonly ref: SessionRef
  readonly shard: number
  readonly stored: StoredEvent
  readonly storedAtMs: number
}

export interface Verdict {
  /** Whether it follows the event its session ended with. */
  readonly onChain: boolean
  /** Why it is not folded. */
  readonly problem: string | null
  /** Postgres would not take its body as JSON. */
  readonly unfit?: boolean
}

const NO_JSON: ReadonlySet<string> = new Set(['not JSON', 'not UTF-8'])

export function eventRow(place: EventPlaceInLog, verdict: Verdict): EventRow {
  const { ref, shard, stored, storedAtMs } = place
  const parsed = stored.parse()
  // Of an event that Postgres would not take, nothing is said but where it lies.
  const event = parsed.ok && verdict.unfit !== true ? parsed.event : null
  const isJson = verdict.unfit !== true && (parsed.ok || !NO_JSON.has(parsed.reason))
  return {
    shard,
    epoch: stored.epoch,
    seq: stored.seq,
    tenant: ref.tenant,
    session: ref.session,
    prev: storablePosition(stored.prev),
    id: storableId(stored.id) || standInId(stored),
    type: storableText(event?.type ?? stored.type),
    run: event?.run === undefined ? null : storableText(event.run),
    at: event === null ? null : storableMs(event.at),
    storedAt: Math.trunc(storedAtMs),
    trace: stored.trace === undefined ? null : storableText(stored.trace),
    onChain: verdict.onChain,
    problem: verdict.problem === null ? null : storableText(verdict.problem),
    bytes: stored.body.length,
    body: isJson ? stored.text() : null,
    raw: isJson ? null : Buffer.from(stored.body),
  }
}

/** For an event that came without an id, or with one that another event has. */
export function standInId(place: { readonly id: string; readonly epoch: number; readonly seq: number }): string {
  return `${storableId(place.id)}@${place.epoch}-${place.seq}`
}
