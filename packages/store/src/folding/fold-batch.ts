import { blobsOf, emptySession, fold, type SpoolEvent } from '@spool/events'
import type { SessionRef, StreamedEvent } from '@spool/log'
import { sessionKey } from '../loading/open-sessions.ts'
import { type EventRow, eventRow, type Verdict } from '../storing/event-row.ts'
import type { NamedBlob } from '../storing/name-blobs.ts'
import type { KnownSession } from './known-session.ts'
import { type MemoryChanges, MemoryLedger } from './memory-changes.ts'
import { isNowhere } from './placed-in-session.ts'

/** What a batch has made of one session. */
export interface SessionChange {
  readonly ref: SessionRef
  readonly before: KnownSession
  after: KnownSession['state']
  epoch: number
  /** Something else than text has come: its row has to be written. */
  moved: boolean
  /** It was erased in this batch. */
  erased: boolean
  /** And what was remembered of it goes, too. */
  forgets: boolean
}

export interface FoldedBatch {
  readonly rows: readonly EventRow[]
  readonly changes: readonly SessionChange[]
  readonly memories: MemoryChanges
  readonly blobs: readonly NamedBlob[]
  /** The positions of events of erased sessions: not kept. */
  readonly refused: readonly number[]
  /** Events that are kept and marked. */
  readonly marked: number
}

/**
 * A batch folded into the sessions it concerns. Pure: nothing is remembered until the transaction is through.
 * `unfit` is the reason why the one event of this batch could not be stored as what it says.
 */
export function foldBatch(
  shard: number,
  batch: readonly StreamedEvent[],
  sessions: ReadonlyMap<string, KnownSession>,
  unfit?: string,
): FoldedBatch {
  const changes = new Map<string, SessionChange>()
  const rows: EventRow[] = []
  const memories = new MemoryLedger()
  const blobs: NamedBlob[] = []
  const refused: number[] = []
  let marked = 0
  for (const { ref, stored, storedAtMs } of batch) {
    const key = sessionKey(ref)
    const change = changes.get(key) ?? begin(ref, sessions.get(key))
    changes.set(key, change)
    if (change.after.erased) {
      refused.push(stored.seq)
      continue
    }
    const verdict =
      unfit === undefined ? judge(change, stored) : { ...judge(change, stored), problem: unfit, unfit: true }
    if (verdict.problem !== null) marked++
    rows.push(eventRow({ ref, shard, stored, storedAtMs }, verdict))
    if (!verdict.onChain || stored.seq <= change.after.seq) continue
    change.epoch = stored.epoch
    const event = verdict.problem === null ? stored.event() : null
    if (event === null) change.after = { ...change.after, seq: stored.seq }
    else {
      memories.take(ref, change.after, stored, event)
      for (const id of blobsOf(event)) blobs.push({ ...ref, id, namedAtMs: storedAtMs })
      take(change, stored.seq, event)
    }
  }
  const erased = new Set(
    [...changes.values()].filter((change) => change.erased).map((change) => sessionKey(change.ref)),
  )
  return {
    rows: erased.size === 0 ? rows : rows.filter((row) => !erased.has(sessionKey(row))),
    changes: [...changes.values()],
    memories: memories.changes,
    blobs: erased.size === 0 ? blobs : blobs.filter((blob) => !erased.has(sessionKey(blob))),
    refused,
    marked,
  }
}

export function begin(ref: SessionRef, before: KnownSession | undefined): SessionChange {
  const session = before ?? { state: emptySession(), epoch: 0, known: false, written: new Map() }
  return {
    ref,
    before: session,
    after: session.state,
    epoch: session.epoch,
    moved: false,
    erased: false,
    forgets: false,
  }
}

function judge({ ref, after }: SessionChange, stored: StreamedEvent['stored']): Verdict {
  if (isNowhere(ref)) return { onChain: false, problem: 'its subject names no session' }
  // Stored before: its row is there, and settles what it is.
  if (stored.seq <= after.seq) return { onChain: true, problem: null }
  // What came before an erasure may have been purged before it was read here.
  const isErasure = stored.type === 'session.erased' && stored.prev > after.seq
  if (stored.prev !== after.seq && !isErasure) {
    return { onChain: false, problem: `follows ${stored.prev}, but its session ended with ${after.seq}` }
  }
  const parsed = stored.parse()
  return { onChain: true, problem: parsed.ok ? null : parsed.reason }
}

export function take(change: SessionChange, seq: number, event: SpoolEvent): void {
  change.after = fold(change.after, { seq, event })
  change.moved ||= !event.type.endsWith('.delta')
  change.erased ||= change.after.erased
  change.forgets ||= event.type === 'session.erased' && event.memories === true
}
