import type { SessionRef, StreamedEvent } from '@spool/log'
import type { Kysely } from 'kysely'
import {
  afterwards,
  type Checkpoint,
  duePieces,
  eraseSession,
  foldBatch,
  type FoldedBatch,
  insertEvents,
  isBadData,
  type KnownSession,
  moveCheckpoint,
  nameBlobs,
  openSessions,
  placedInSession,
  remembered,
  type Schema,
  sessionKey,
  storableId,
  writeMemories,
  writePieces,
} from '@spool/store'
import { batchSize, rejected, storedEvents, transactions } from '../measuring/metrics.ts'
import { SessionCache } from './session-cache.ts'

const REMEMBERED_SESSIONS = 5000

/** Stores batches of one shard, each in one transaction: events, snapshots and checkpoint, or nothing. */
export class BatchStore {
  private readonly cache = new SessionCache(REMEMBERED_SESSIONS)

  constructor(
    private readonly kysely: Kysely<Schema>,
    private readonly shard: number,
    private checkpoint: Checkpoint,
    /** Removes what of an erased session, up to the event that says so, lies outside the database. */
    private readonly eraseElsewhere: (ref: SessionRef, seq: number) => Promise<void>,
    /** Removes an event that is not kept from the log. */
    private readonly dropRefused: (seq: number) => Promise<void>,
  ) {}

  get position(): Checkpoint {
    return this.checkpoint
  }

  /**
   * One event that cannot be stored as what it says must not hold up the log: the batch is halved until it stands
   * alone, and then its bytes are kept, with the reason.
   *
   * What an erasure removes from the log is stored before: else the log could begin behind the checkpoint, as one that
   * has lost something.
   */
  async store(batch: readonly StreamedEvent[]): Promise<void> {
    const erasure = batch.findIndex(({ stored }, index) => index > 0 && stored.type === 'session.erased')
    if (erasure > 0) {
      await this.store(batch.slice(0, erasure))
      return this.store(batch.slice(erasure))
    }
    try {
      await this.storeAs(batch)
    } catch (error) {
      if (!isEventsFault(error)) throw error
      if (batch.length === 1) return this.storeAs(batch, `cannot be stored as it is: ${error.message}`)
      const half = batch.length >> 1
      await this.store(batch.slice(0, half))
      await this.store(batch.slice(half))
    }
  }

  private async storeAs(given: readonly StreamedEvent[], unfit?: string): Promise<void> {
    const batch = given.map(placedInSession)
    const last = batch.at(-1)
    if (last === undefined) return
    const folded = foldBatch(this.shard, batch, await this.sessionsOf(batch), unfit)
    const to = { epoch: last.stored.epoch, seq: last.stored.seq, id: storableId(last.stored.id) }
    const living = folded.changes
      .filter((change) => !change.erased && change.after !== change.before.state)
      .map((change) => ({ change, due: duePieces(change) }))
    const erasing = folded.changes.filter((change) => change.erased)
    // First: once its rows are gone, nobody here would know that the rest is still to go.
    for (const { ref, after } of erasing) await this.eraseElsewhere(ref, after.seq)
    for (const seq of folded.refused) await this.dropRefused(seq)
    await this.kysely.transaction().execute(async (trx) => {
      await moveCheckpoint(trx, this.shard, this.checkpoint, to)
      await insertEvents(trx, folded.rows)
      await writePieces(trx, this.shard, living)
      await writeMemories(trx, folded.memories)
      await nameBlobs(trx, this.shard, folded.blobs)
      for (const change of erasing) {
        await eraseSession(trx, change.ref, { epoch: change.epoch, seq: change.after.seq }, change.forgets)
      }
    })
    this.checkpoint = { ...to, generation: this.checkpoint.generation }
    for (const { change, due } of living) this.cache.set(sessionKey(change.ref), afterwards(change, due))
    for (const { ref, after, epoch } of erasing) {
      this.cache.set(sessionKey(ref), { state: after, epoch, known: true, written: new Map() })
    }
    count(folded, batch.length)
  }

  private async sessionsOf(batch: readonly StreamedEvent[]): Promise<ReadonlyMap<string, KnownSession>> {
    const sessions = new Map<string, KnownSession>()
    const missing = new Map<string, StreamedEvent['ref']>()
    for (const { ref } of batch) {
      const key = sessionKey(ref)
      if (sessions.has(key) || missing.has(key)) continue
      const known = this.cache.get(key)
      if (known === undefined) missing.set(key, ref)
      else sessions.set(key, known)
    }
    if (missing.size === 0) return sessions
    for (const [key, session] of await openSessions(this.kysely, [...missing.values()])) {
      sessions.set(key, remembered(session))
    }
    return sessions
  }
}

/** Also what only a defect of ours can cause: an event that the fold stumbles over must not stop all others. */
function isEventsFault(error: unknown): error is Error {
  return isBadData(error) || error instanceof RangeError || error instanceof TypeError
}

function count(folded: FoldedBatch, events: number): void {
  batchSize.record(events)
  transactions.add(1)
  storedEvents.add(folded.rows.length)
  if (folded.marked > 0) rejected.add(folded.marked, { reason: 'marked' })
  if (folded.refused.length > 0) rejected.add(folded.refused.length, { reason: 'refused' })
}
