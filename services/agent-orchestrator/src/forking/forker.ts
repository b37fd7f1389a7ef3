import {
  type KnownEvent,
  type Original,
  type SessionState,
  blobsOf,
  encodeEvent,
  fold,
  newId,
  nextCopy,
  originalOf,
} from '@spool/events'
import {
  type Blobs,
  type ForkRequest,
  type Log,
  type Queries,
  type SessionLoader,
  type SessionRef,
  ArchiveUnavailable,
  BlobBroken,
  ChainWriter,
  SessionErased,
  foldStored,
} from '@spool/log'
import type { Refusal } from '../deciding/decision.ts'
import { sourceAt } from './source.ts'

export type Forked =
  | { readonly kind: 'whole'; readonly seq: number; readonly fromCursor: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** This process is going down: the next one goes on where the copy ends. */
  | { readonly kind: 'handed-over' }

/** Persistence is needed to say that a session is new. */
const ARCHIVE_PATIENCE_MS = 500
/** Longer than persistence waits until it has stored what it is to erase. */
const ERASE_MS = 12_000

/** What a fork closes is closed by nobody in particular. */
const CUT = { reason: 'forked', by: 'spool' }

/**
 * Copies a session up to a cursor into a new one. Nothing is held beside the two logs: whoever is given the request
 * again loads both and goes on where the copy ends; of two at once the chain lets one append, and the other follows.
 */
export class Forker {
  constructor(
    private readonly log: Log,
    private readonly loader: SessionLoader,
    private readonly blobs: Pick<Blobs, 'get' | 'put' | 'eraseOf'>,
    private readonly queries: Pick<Queries, 'ask'>,
    private readonly stopping: AbortSignal,
  ) {}

  /** Rejects with `ArchiveUnavailable` rather than to hold its place for as long as persistence is away. */
  async take(ref: SessionRef, request: ForkRequest): Promise<Forked> {
    const patience = AbortSignal.timeout(ARCHIVE_PATIENCE_MS)
    try {
      return await this.fork(ref, request, patience)
    } catch (error) {
      if (error === patience.reason) throw new ArchiveUnavailable(error)
      if (error instanceof SessionErased) return this.erased(ref, error.session)
      throw error
    }
  }

  /** What cannot be made whole is not left half: whoever waits for it hears that it is gone. */
  async giveUp(ref: SessionRef, request: ForkRequest): Promise<void> {
    const copy = await this.loader.load(ref).catch((error: unknown) => {
      if (error instanceof SessionErased) return null
      throw error
    })
    if (copy === null || notThisFork(copy, ref, request) !== null || copy.forkedFrom?.wholeSeq !== null) return
    await this.erase(ref)
  }

  private async fork(ref: SessionRef, request: ForkRequest, patience: AbortSignal): Promise<Forked> {
    const source = { tenant: ref.tenant, session: request.from_session }
    const copy = await this.loader.load(ref, undefined, patience)
    if (copy.erased) throw new SessionErased(ref.session)
    const refusal = notThisFork(copy, ref, request)
    if (refusal !== null) return { kind: 'refused', refusal }
    if (isWhole(copy)) return wholeAt(copy)
    const from = await sourceAt(this.log, source, copy.forkedFrom?.cursor ?? request.from_cursor, patience)
    if ('code' in from) return { kind: 'refused', refusal: from }
    const original = originalOf(from.state, { ...CUT, at: new Date() })
    const end = await this.copy(source, ref, original, from.cursor, copy)
    // Another has begun meanwhile with another cursor, where the request names none.
    return end ?? this.take(ref, request)
  }

  /** null: somebody else has made something else of the new session. */
  private async copy(
    source: SessionRef,
    ref: SessionRef,
    original: Original,
    fromCursor: string,
    begun: SessionState,
  ): Promise<Forked | null> {
    const terms = { fromSession: source.session, fromCursor, epoch: this.log.epochOf(ref) }
    const writer = new ChainWriter(this.log, ref, begun.seq)
    const blobs = new Map<string, string>()
    for (let copy = begun; ;) {
      const event = nextCopy(original, copy, { ...terms, blobs, at: new Date() })
      if (event === null) {
        this.loader.keep(ref, copy)
        return wholeAt(copy)
      }
      if (await this.copyBlobs(source, ref, event, blobs)) continue
      if (this.stopping.aborted) return { kind: 'handed-over' }
      if (isLast(event) && (await this.log.end(source)).erased) throw new SessionErased(source.session)
      const appended = await writer.append({ id: newId(), type: event.type, body: encodeEvent(event) })
      if (appended.outcome === 'stored') copy = fold(copy, { seq: appended.seq, event })
      else {
        for (const other of appended.others) copy = foldStored(copy, other)
        if (copy.erased) throw new SessionErased(ref.session)
        if (copy.forkedFrom?.session !== terms.fromSession || copy.forkedFrom.cursor !== fromCursor) return null
      }
    }
  }

  /** Whether there was one to copy: the event names the copy then. What the original has lost, the copy has not either. */
  private async copyBlobs(
    source: SessionRef,
    ref: SessionRef,
    event: KnownEvent,
    blobs: Map<string, string>,
  ): Promise<boolean> {
    const own = new Set(blobs.values())
    const wanted = blobsOf(event).filter((id) => !own.has(id) && !blobs.has(id))
    for (const id of wanted) blobs.set(id, await this.copyBlob(source, ref, id))
    return wanted.length > 0
  }

  private async copyBlob(source: SessionRef, ref: SessionRef, id: string): Promise<string> {
    const blob = await this.blobs.get(source, id).catch((error: unknown) => {
      if (error instanceof BlobBroken) return null
      throw error
    })
    if (blob !== null) return this.blobs.put(ref, blob.bytes, blob.mediaType)
    if ((await this.log.end(source)).erased) throw new SessionErased(source.session)
    return id
  }

  private async erased(ref: SessionRef, session: string): Promise<Forked> {
    this.loader.forget(ref)
    // Its content was to go: nothing of it stays in a copy that is not whole. And what this has put there last goes, too.
    if (session !== ref.session) await this.erase(ref)
    else await this.blobs.eraseOf(ref)
    const message = `Session ${session} was erased${session === ref.session ? '; its id cannot be used again' : ''}.`
    return { kind: 'refused', refusal: { status: 410, code: 'session_erased', message } }
  }

  private async erase(ref: SessionRef): Promise<void> {
    this.loader.forget(ref)
    await this.queries.ask('erase', { ...ref, by: 'fork', memories: false }, ERASE_MS)
  }
}

/** Why this request cannot be about the session that is there; null: it is new, or its fork. */
function notThisFork(
  { seq, forkedFrom }: SessionState,
  { session }: SessionRef,
  { from_session, from_cursor }: ForkRequest,
): Refusal | null {
  if (seq === 0) return null
  const isSame =
    forkedFrom?.session === from_session && (from_cursor === undefined || forkedFrom.cursor === from_cursor)
  if (isSame) return null
  const message = `Session ${session} is there already and is not this fork. Nothing was copied; choose another id.`
  return { status: 409, code: 'session_exists', message }
}

function isWhole({ forkedFrom }: SessionState): boolean {
  return forkedFrom !== null && forkedFrom.wholeSeq !== null
}

function wholeAt({ forkedFrom }: SessionState): Forked {
  return { kind: 'whole', seq: forkedFrom!.wholeSeq!, fromCursor: forkedFrom!.cursor }
}

function isLast(event: KnownEvent): boolean {
  return event.type === 'session.forked' && event.copying !== true
}
