import type { SessionRef, StoredEvent } from '@spool/log'

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
  at: string | null
  storedAt: string
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
  const event = parsed.ok ? parsed.event : null
  const isJson = verdict.unfit !== true && (parsed.ok || !NO_JSON.has(parsed.reason))
  return {
    shard,
    epoch: stored.epoch,
    seq: stored.seq,
    tenant: ref.tenant,
    session: ref.session,
    prev: stored.prev,
    id: storable(stored.id) || standInId(stored),
    type: storable(event?.type ?? stored.type),
    run: event?.run === undefined ? null : storable(event.run),
    at: event === null ? null : instant(event.at),
    storedAt: new Date(storedAtMs).toISOString(),
    trace: stored.trace === undefined ? null : storable(stored.trace),
    onChain: verdict.onChain,
    problem: verdict.problem === null ? null : storable(verdict.problem),
    bytes: stored.body.length,
    body: isJson ? stored.text() : null,
    raw: isJson ? null : Buffer.from(stored.body),
  }
}

/** For an event that came without an id, or with one that another event has. */
export function standInId(place: { readonly id: string; readonly epoch: number; readonly seq: number }): string {
  return `${storable(place.id)}@${place.epoch}-${place.seq}`
}

/** `text` columns hold no NUL and no half characters. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed()
}

function instant(at: unknown): string | null {
  if (typeof at !== 'string') return null
  const ms = Date.parse(at)
  return Number.isFinite(ms) ? new Date(ms).toISOString() : null
}
