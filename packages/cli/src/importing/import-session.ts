import {
  closingEvents,
  draft,
  emptySession,
  encodeEvent,
  formatCursor,
  isBeingImported,
  newId,
  openPart,
  type SessionState,
  type SpoolEvent,
} from '@spool/events'
import {
  type Blobs,
  ChainWriter,
  type Draft,
  foldStored,
  isId,
  type Log,
  SessionErased,
  type SessionRef,
  StoredEvent,
} from '@spool/log'
import { failed } from '../problem.ts'
import { idHere } from './id-here.ts'
import { linesOf } from './lines.ts'
import { type MapCursor, mapBody } from './map-body.ts'
import { Positions } from './positions.ts'
import { type ReadEvent, readLine } from './read-line.ts'
import type { ScannedSession } from './scan-export.ts'

export interface Import {
  readonly log: Log
  readonly blobs: Blobs
  readonly file: string
  /** Whose export it is. */
  readonly from: SessionRef
  readonly to: SessionRef
  readonly scanned: ScannedSession
  /** Where the events of another session of the file lie here; `null` for one that is not in it. */
  readonly positionsOf: (session: string) => { readonly positions: Positions; readonly to: SessionRef } | null
  readonly onEvent: () => void
  readonly onFull: () => void
  readonly signal: AbortSignal
}

export interface Imported {
  readonly session: string
  /** `went on`: an import that had broken off was brought to its end. */
  readonly outcome: 'imported' | 'went on' | 'was there'
  readonly events: number
  /** What was open at the end of the file and was closed. */
  readonly closed: number
  readonly positions: Positions
}

const BY = 'spool import'

/**
 * Brings one session in, event by event, between two events that say that it is being brought in: until the second one
 * nobody works for it, whatever seems to be open in it. So every prefix is one from which the same import goes on.
 * What is there already must be what the file says; nothing is appended before all of that was looked at.
 */
export function importSession(options: Import): Promise<Imported> {
  return new SessionImport(options).run()
}

class SessionImport {
  private state: SessionState = emptySession()
  private readonly positions = new Positions()
  private writer: ChainWriter | null = null
  private events = 0
  private appended = 0
  private readonly keepsIds: boolean
  private readonly mapOwn: MapCursor

  constructor(private readonly options: Import) {
    const { from, to } = options
    this.keepsIds = from.tenant === to.tenant && from.session === to.session
    this.mapOwn = this.mapTo(this.positions, to)
  }

  async run(): Promise<Imported> {
    const { log, to, signal, scanned } = this.options
    const end = await this.end()
    const there = end === 0 ? null : log.read(to, 0, end, signal)
    const before = { next: await there?.next() }
    const advance = async () => {
      before.next = await there?.next()
    }
    const blobs = new HeldBlobs()
    for await (const line of linesOf(this.options.file, {
      from: scanned.from,
      to: scanned.to,
      firstNumber: scanned.firstNumber,
    })) {
      signal.throwIfAborted()
      const read = readLine(line)
      if (read.kind === 'blob' || read.kind === 'chunk') blobs.take(read)
      if (read.kind !== 'event') continue
      // Marks of an import are not part of the history, neither there nor here.
      if (read.type === 'session.imported') continue
      while (isMark(before.next?.value)) {
        this.fold(before.next!.value as StoredEvent)
        await advance()
      }
      const event = this.draftOf(read)
      const known = before.next?.value
      if (known instanceof StoredEvent) {
        this.compare(event, known, read)
        this.positions.add(read.seq, known.seq)
        this.fold(known)
        await advance()
      } else {
        const writer = await this.begin(scanned.beganAt ?? new Date())
        await blobs.putBack(this.options)
        this.positions.add(read.seq, await this.append(writer, event))
      }
      blobs.clear()
      this.events++
      this.options.onEvent()
    }
    for (; before.next?.value instanceof StoredEvent; await advance()) this.fold(before.next.value)
    const closed = isBeingImported(this.state) ? await this.close() : null
    const { session } = to
    const outcome = closed === null ? 'was there' : end === 0 ? 'imported' : 'went on'
    return { session, outcome, events: this.events, closed: closed ?? 0, positions: this.positions }
  }

  private async end(): Promise<number> {
    const { log, to, signal } = this.options
    try {
      const { seq, erased } = await log.end(to, signal)
      if (!erased) return seq
    } catch (error) {
      if (!(error instanceof SessionErased)) throw error
    }
    throw failed(
      `Session ${to.session} was erased here, and its id is refused for good. Nothing of it was imported; give it another one with --session.`,
    )
  }

  private compare(event: Draft, known: StoredEvent, { seq }: ReadEvent): void {
    if (known.id === event.id && Buffer.from(event.body).equals(known.body)) return
    const { to } = this.options
    const place = formatCursor({ epoch: known.epoch, seq: known.seq })
    throw failed(
      `There is a session ${to.session} of the tenant ${to.tenant} already, and it is another one: its event at ${place} is not the file's at ${seq}. Nothing was changed in it; import it under another id (--session).`,
    )
  }

  /** Where all that is there has been looked at. */
  private async begin(at: Date): Promise<ChainWriter> {
    if (this.writer !== null) return this.writer
    const { log, to, from, signal, onFull } = this.options
    const { state } = this
    const isOpen = state.activeRun !== null || closingEvents(state, this.cut(new Date())).length > 0
    if (isOpen && !isBeingImported(state)) {
      throw failed(
        `Session ${to.session} is at work here, and shorter than in the file. Nothing was changed in it; import it when it is idle.`,
      )
    }
    this.writer = new ChainWriter(log, to, state.seq, { signal, onFull })
    if (!isBeingImported(state)) await this.say(draft('session.imported', { ...originOf(from), importing: true }, at))
    return this.writer
  }

  /** What was open where the file ends does not go on here. */
  private async close(): Promise<number> {
    const now = new Date()
    await this.begin(now)
    const closing = closingEvents(this.state, this.cut(now))
    for (const event of closing) await this.say(event)
    // That it was brought in is no news of the conversation.
    const at = closing.length === 0 && this.state.updatedAt !== null ? new Date(this.state.updatedAt) : now
    await this.say(draft('session.imported', originOf(this.options.from), at))
    return closing.length
  }

  private cut(at: Date) {
    return { reason: 'imported', by: BY, at }
  }

  private async say(event: SpoolEvent): Promise<void> {
    await this.append(this.writer!, { id: newId(), type: event.type, body: encodeEvent(event) })
  }

  private async append(writer: ChainWriter, event: Draft): Promise<number> {
    const appended = await writer.append(event)
    if (appended.outcome === 'stored') {
      const epoch = this.options.log.epochOf(this.options.to, appended.seq)
      const place = { seq: appended.seq, prev: this.state.seq, epoch, id: event.id, type: event.type }
      this.fold(new StoredEvent(place, event.body))
      this.appended++
      return appended.seq
    }
    const { session } = this.options.to
    const isErased = appended.others.some(({ type }) => type === 'session.erased')
    throw failed(
      isErased
        ? `Session ${session} was erased while it was imported. What had been brought in is gone with it.`
        : `Somebody else has written into session ${session} meanwhile. Is it being imported twice? Run the same import again: it goes on where it is.`,
    )
  }

  private fold(event: StoredEvent): void {
    this.state = openPart(foldStored(this.state, event))
  }

  private draftOf({ id, type, trace, body }: ReadEvent & { body: Buffer }): Draft {
    const { to } = this.options
    const mapped = mapBody({ type, body }, this.mapOwn, (session) => this.mapOf(session))
    return { id: this.keepsIds && isId(id) ? id : idHere(id, to), type, body: mapped, trace }
  }

  private mapOf(session: string): MapCursor | null {
    const other = this.options.positionsOf(session)
    return other && this.mapTo(other.positions, other.to)
  }

  private mapTo(positions: Positions, ref: SessionRef): MapCursor {
    return (before) => {
      const seq = positions.at(before)
      return seq === 0 ? null : formatCursor({ epoch: this.options.log.epochOf(ref, seq), seq })
    }
  }
}

/** The blobs that the next event names: they have to be there before it. */
class HeldBlobs {
  private blobs: { readonly id: string; readonly mediaType: string; readonly chunks: Buffer[] }[] = []

  take(
    read:
      | { readonly kind: 'blob'; readonly blob: string; readonly mediaType: string }
      | { readonly kind: 'chunk'; readonly bytes: Buffer },
  ): void {
    if (read.kind === 'blob') this.blobs.push({ id: read.blob, mediaType: read.mediaType, chunks: [] })
    else this.blobs.at(-1)?.chunks.push(read.bytes)
  }

  async putBack({ blobs, to }: Import): Promise<void> {
    for (const { id, mediaType, chunks } of this.blobs) await blobs.putBack(to, id, Buffer.concat(chunks), mediaType)
  }

  clear(): void {
    this.blobs = []
  }
}

function isMark(event: StoredEvent | void | undefined): boolean {
  return event instanceof StoredEvent && event.type === 'session.imported'
}

function originOf({ tenant, session }: SessionRef) {
  return { from_tenant: tenant, from_session: session }
}
