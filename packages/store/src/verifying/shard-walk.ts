import { type ParsedEvent, parseEvent } from '@spool/events'
import {
  type PulledEvent,
  eventIdAt,
  type Log,
  sessionOfLogSubject,
  type SessionRef,
  streamExtent,
  streamPages,
} from '@spool/log'
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import { LogDiverged, startingPoint } from '../comparing/starting-point.ts'
import type { Schema } from '../database/schema.ts'
import { storableId } from '../storing/storable.ts'
import { BlockDigests, blockOf, rangeOf, rowDigests } from './block-digests.ts'
import { differingPieces } from './compare-pieces.ts'
import { type Found, found, ADVICE } from './difference.ts'
import { BlockDigest, lineHead, oddLine } from './event-lines.ts'
import type { MemoryFold } from './memory-fold.ts'
import { type BulkRow, type Place, rowPages } from './row-pages.ts'
import { WalkedSession, type WantedPiece } from './walked-session.ts'

const PIECES_AT_ONCE = 2000
const SUBJECT_TOKENS = 4
const NOWHERE: SessionRef = { tenant: '', session: '' }

export interface Walked {
  /** Events of the shard, wherever they lie. */
  events: number
  /** Those that the log still holds. */
  inLog: number
  marked: number
  refused: number
}

export interface ShardWalkOptions {
  readonly kysely: Kysely<Schema>
  readonly log: Log
  readonly shard: number
  readonly memories: MemoryFold
  readonly onProgress: (events: number) => void
  readonly signal?: AbortSignal | undefined
}

interface TakenEvent {
  readonly event: PulledEvent
  readonly session: WalkedSession
  readonly parsed: ParsedEvent
  /** What its row must be like, but for its body; null: it must have none. */
  readonly head: string | null
  /** The head is the whole line. */
  readonly isOdd: boolean
}

/**
 * All that a shard has stored up to a fixed place, in the order of the log: what has left JetStream from its rows, the
 * rest from JetStream, its rows being compared in blocks. It says of no session that something is wrong with it; those
 * with which something may be it makes suspect.
 */
export class ShardWalk {
  readonly sessions = new Map<string, WalkedSession>()
  readonly counts: Walked = { events: 0, inLog: 0, marked: 0, refused: 0 }
  /** Up to where it was walked. */
  until: Place = { epoch: 0, seq: 0 }
  private readonly digest = new BlockDigest()
  private finished: WantedPiece[] = []
  private comparing: Promise<void> = Promise.resolve()
  private readonly hand = (piece: WantedPiece): void => void this.finished.push(piece)

  constructor(private readonly options: ShardWalkOptions) {}

  /** What is wrong with the shard as a whole; empty: it was walked. */
  async walk(): Promise<Found[]> {
    const { log, shard, signal } = this.options
    const { checkpoint, beyond } = await this.storedUntil()
    this.until = { epoch: checkpoint.epoch, seq: checkpoint.seq }
    if (beyond !== null) return [found(beyond, 'is stored, but lies beyond the checkpoint', ADVICE.restorePostgres)]
    const extent = await streamExtent(log, shard)
    const idThere = checkpoint.seq === 0 ? null : await eventIdAt(log, shard, checkpoint.seq)
    const start = startingPoint(checkpoint, extent, idThere === null ? null : storableId(idThere))
    if (start instanceof LogDiverged) return [found(checkpoint, start.message, ADVICE.restoreLog)]

    const { epoch } = extent
    const seam = Math.max(0, extent.firstSeq - 1)
    // All that no stream holds, of earlier epochs and of this one.
    const left = checkpoint.epoch < epoch ? checkpoint : { epoch, seq: Math.min(seam, checkpoint.seq) }
    await this.walkRows({ epoch: 0, seq: 0 }, left)
    if (checkpoint.epoch === epoch && checkpoint.seq > seam) {
      const place = { shard, epoch, after: seam, until: checkpoint.seq }
      await this.walkStream(place, streamPages(log, shard, seam, checkpoint.seq, signal))
    }
    await this.compareFinished()
    await this.comparing
    return []
  }

  private async storedUntil() {
    const { rows } = await sql<{
      epoch: number | null
      seq: number | null
      event_id: string | null
      beyond_epoch: number | null
      beyond_seq: number | null
    }>`
      with stored as (select epoch, seq, event_id from projection where shard = ${this.options.shard}),
        beyond as (
          select epoch, seq from events where shard = ${this.options.shard}
            and (epoch, seq) > (coalesce((select epoch from stored), 0), coalesce((select seq from stored), 0))
          order by epoch, seq limit 1
        )
      select stored.epoch, stored.seq, stored.event_id, beyond.epoch as beyond_epoch, beyond.seq as beyond_seq
      from (select 1) as one left join stored on true left join beyond on true`.execute(this.options.kysely)
    const { epoch, seq, event_id, beyond_epoch, beyond_seq } = rows[0]!
    return {
      checkpoint: { epoch: epoch ?? 0, seq: seq ?? 0, id: event_id ?? '' },
      beyond: beyond_seq === null ? null : { epoch: beyond_epoch!, seq: beyond_seq },
    }
  }

  private async walkRows(after: Place, until: Place): Promise<void> {
    const { kysely, shard, onProgress, signal } = this.options
    for await (const page of rowPages(kysely, shard, after, until)) {
      signal?.throwIfAborted()
      for (const row of page) this.takeRow(row)
      onProgress(page.length)
      await this.compareFinishedIfMany()
    }
  }

  private takeRow(row: BulkRow): void {
    this.counts.events++
    if (row.marked) this.counts.marked++
    const session = this.sessionAt(`log.${this.options.shard}.${row.tenant}.${row.session}`, row)
    if (session.isNowhere || session.suspectAt !== null) return
    if (row.body === null) return session.suspect(row.seq)
    const parsed = parseEvent(row.body)
    // Marked for another reason: what that means for its session is looked at there.
    if (row.marked && parsed.ok) return session.suspect(row.seq)
    this.fold(session, row.epoch, row.seq, row.prev, parsed)
  }

  private async walkStream(
    place: { readonly shard: number; readonly epoch: number; readonly after: number; readonly until: number },
    pages: AsyncIterable<readonly PulledEvent[]>,
  ): Promise<void> {
    const { kysely, onProgress, signal } = this.options
    const digests = new BlockDigests(kysely, place)
    const last = blockOf(place.until)
    let block = blockOf(place.after + 1)
    let events: PulledEvent[] = []
    const closeBefore = async (next: number) => {
      for (; block < next; block++, events = []) {
        signal?.throwIfAborted()
        await this.takeBlock(place, block, events, digests)
        onProgress(events.length)
        await this.compareFinishedIfMany()
      }
    }
    for await (const page of pages) {
      for (const event of page) {
        const next = blockOf(event.seq)
        if (next > block) await closeBefore(next)
        events.push(event)
      }
    }
    await closeBefore(last + 1)
  }

  private async takeBlock(
    place: { readonly shard: number; readonly epoch: number; readonly after: number; readonly until: number },
    block: number,
    events: readonly PulledEvent[],
    digests: BlockDigests,
  ): Promise<void> {
    const taken = events.map((event) => this.lineOf(event))
    const stored = await digests.of(block)
    for (const { event, head, isOdd } of taken) {
      if (head !== null) this.digest.add(head, isOdd ? undefined : event.body)
    }
    const logged = this.digest.end()
    this.counts.marked += stored.marked
    this.counts.inLog += events.length
    this.counts.events += stored.count
    if (logged.count !== stored.count || logged.digest !== stored.digest) {
      await this.settle({ ...place, ...rangeOf(block, place.after, place.until) }, taken)
    }
    for (const { event, session, parsed, head } of taken) {
      if (head === null || session.isNowhere || session.suspectAt !== null) continue
      this.fold(session, place.epoch, event.seq, event.prev, parsed)
    }
  }

  private lineOf(event: PulledEvent): TakenEvent {
    const session = this.sessionAt(event.subject)
    const parsed = parseEvent(event.body)
    if (!session.isNowhere) {
      if (session.erasedAt !== null) {
        this.counts.refused++
        return { event, session, parsed, head: null, isOdd: false }
      }
      if (event.type === 'session.erased') {
        // Then it had not been taken out of the log, nor out of the store.
        if (session.state.seq > 0) session.suspect(event.seq)
        session.erasedAt = event.seq
        return { event, session, parsed, head: null, isOdd: false }
      }
    }
    const head = parsed.ok && !session.isNowhere ? lineHead(session.ref, event, parsed.event) : null
    if (head !== null) return { event, session, parsed, head, isOdd: false }
    return { event, session, parsed, head: oddLine(session.ref, event, parsed, session.isNowhere), isOdd: true }
  }

  /** Finds those of a block's sessions whose rows are not their events. What has left the log meanwhile is taken from its rows. */
  private async settle(
    range: { readonly shard: number; readonly epoch: number; readonly after: number; readonly until: number },
    taken: readonly TakenEvent[],
  ): Promise<void> {
    const { kysely, log, shard } = this.options
    const rows = await rowDigests(kysely, range)
    const { firstSeq } = await streamExtent(log, shard)
    const bySeq = new Map(taken.map((one) => [one.event.seq, one]))
    let purged = 0
    for (const row of rows) {
      const one = bySeq.get(row.seq)
      bySeq.delete(row.seq)
      if (one === undefined && row.seq < firstSeq) purged = row.seq
      else if (one === undefined) this.sessionAt(`log.${shard}.${row.tenant}.${row.session}`, row).suspect(row.seq)
      else if (digestOfLine(one) !== row.digest) {
        one.session.suspect(row.seq)
        this.sessionAt(`log.${shard}.${row.tenant}.${row.session}`, row).suspect(row.seq)
      }
    }
    for (const { session, head, event } of bySeq.values()) if (head !== null) session.suspect(event.seq)
    if (purged > 0) {
      const { epoch, after } = range
      await this.walkRows({ epoch, seq: after }, { epoch, seq: purged })
      this.counts.events -= rows.filter(({ seq }) => seq <= purged).length
    }
  }

  private sessionAt(subject: string, ref?: SessionRef): WalkedSession {
    const known = this.sessions.get(subject)
    if (known !== undefined) return known
    const isWhole = subject.split('.').length === SUBJECT_TOKENS
    const { tenant, session } = isWhole ? (ref ?? sessionOfLogSubject(subject)) : NOWHERE
    const walked = new WalkedSession({ tenant, session })
    this.sessions.set(subject, walked)
    return walked
  }

  private fold(session: WalkedSession, epoch: number, seq: number, prev: number, parsed: ParsedEvent): void {
    if (parsed.ok && parsed.event.type.startsWith('memory.')) {
      this.options.memories.take(session.ref, session.state, { epoch, seq }, parsed.event)
    }
    session.take(seq, prev, parsed, this.hand)
  }

  private async compareFinishedIfMany(): Promise<void> {
    if (this.finished.length >= PIECES_AT_ONCE) await this.compareFinished()
  }

  /** Finished pieces never change again, so they can be compared at once. One comparison runs beside the walk. */
  private async compareFinished(): Promise<void> {
    await this.comparing
    const pieces = this.finished.filter(({ of }) => of.suspectAt === null)
    this.finished = []
    if (pieces.length === 0) return
    this.comparing = differingPieces(this.options.kysely, pieces).then((differing) => {
      for (const { of, firstSeq } of differing) of.suspect(firstSeq)
    })
    this.comparing.catch(() => undefined)
  }
}

function digestOfLine({ head, isOdd, event }: TakenEvent): string | null {
  if (head === null) return null
  const hash = createHash('md5').update(head)
  return (isOdd ? hash : hash.update(event.body)).digest('hex')
}
