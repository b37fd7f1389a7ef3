import { Inject, Injectable } from '@nestjs/common'
import { eventAt, type Log, SessionErased, type SessionRef, type StoredEvent } from '@spool/log'
import { messageNotFound, sessionNotFound, storeUnavailable } from '../problems/known-problems.ts'
import { Snapshots } from '../reading/snapshots.ts'
import { inTime } from '../serving/in-time.ts'
import { LOG } from '../tokens.ts'
import { type ChunkPage, MessageChunks } from './message-chunks.ts'

const TIMEOUT_MS = 5000
const MAX_PAGE = 1024 ** 2
const MOST = { messages: 500, units: 16 * 1024 ** 2 }

interface Pulled {
  readonly chunks: MessageChunks
  readonly run: string | null
  /** How far its session was read. */
  until: number
  reading: Promise<void> | null
}

/**
 * Messages in pieces, as the log has them, wherever it lies. What was pulled last is kept: with many clients that pull
 * after each signal, what is new is read once, and what is old not again.
 */
@Injectable()
export class PulledMessages {
  private readonly pulled = new Map<string, Pulled>()

  constructor(
    @Inject(LOG) private readonly log: Log,
    @Inject(Snapshots) private readonly snapshots: Snapshots,
  ) {}

  async after(ref: SessionRef, id: string, sequence: number): Promise<ChunkPage & { run: string | null }> {
    return inTime(TIMEOUT_MS, storeUnavailable, async (signal) => {
      // Never older than what anybody has been told of, and never of a session that was erased meanwhile.
      const { seq: tail, erased } = await this.log.end(ref, signal)
      if (erased) throw new SessionErased(ref.session)
      if (tail === 0) throw sessionNotFound(ref.session)
      const key = `${this.log.epochOf(ref)} ${ref.tenant}/${ref.session}/${id}`
      const pulled = this.pulled.get(key) ?? (await this.find(ref, id, tail, signal))
      if (pulled === null) throw messageNotFound(id)
      // Before it is read: where that takes longer than anybody waits, the next one goes on from there.
      this.keep(key, pulled)
      while (pulled.until < tail && !pulled.chunks.finished) {
        pulled.reading ??= this.readOn(ref, pulled, tail).finally(() => (pulled.reading = null))
        await pulled.reading
      }
      this.keep(key, pulled)
      return { run: pulled.run, ...pulled.chunks.after(sequence, MAX_PAGE) }
    })
  }

  private async find(ref: SessionRef, id: string, tail: number, signal: AbortSignal): Promise<Pulled | null> {
    const { seq, first } = await this.snapshots.messagePlace(ref, id)
    if (first !== undefined) return opened(await eventAt(this.log, ref, first, signal), id)
    // Persistence has not seen it yet.
    for await (const event of this.log.read(ref, seq, tail, signal)) if (opens(event, id)) return opened(event, id)
    return null
  }

  private async readOn(ref: SessionRef, pulled: Pulled, tail: number): Promise<void> {
    for await (const event of this.log.read(ref, pulled.until, tail, AbortSignal.timeout(TIMEOUT_MS))) {
      take(pulled.chunks, event)
      pulled.until = event.seq
      if (pulled.chunks.finished) return
    }
    pulled.until = Math.max(pulled.until, tail)
  }

  private keep(key: string, pulled: Pulled): void {
    this.pulled.delete(key)
    this.pulled.set(key, pulled)
    let units = 0
    for (const { chunks } of this.pulled.values()) units += chunks.size
    for (const [oldest, { chunks }] of this.pulled) {
      if (oldest === key || (this.pulled.size <= MOST.messages && units <= MOST.units)) return
      this.pulled.delete(oldest)
      units -= chunks.size
    }
  }
}

function opened(event: StoredEvent, id: string): Pulled {
  const chunks = new MessageChunks(id)
  take(chunks, event)
  return { chunks, run: event.event()?.run ?? null, until: event.seq, reading: null }
}

function opens(stored: StoredEvent, id: string): boolean {
  if (!stored.type.startsWith('message.')) return false
  const event = stored.event()
  return event !== null && 'message' in event && event.message === id
}

function take(chunks: MessageChunks, stored: StoredEvent): void {
  const event = stored.event()
  if (event !== null) chunks.take(event)
}
