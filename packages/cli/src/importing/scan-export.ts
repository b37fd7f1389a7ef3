import { formatCursor, isKnown, MAX_EVENT_BYTES, parseCursor, parseEvent } from '@spool/events'
import { MAX_BLOB_BYTES } from '@spool/log'
import { createHash, type Hash } from 'node:crypto'
import { Fault } from './fault.ts'
import { type Line, linesOf, LineTooLong } from './lines.ts'
import { type ReadEvent, readLine } from './read-line.ts'

const ERASED = 'session.erased'

/** A session of an export: where in the file it is, after all of it was found to be as it must be. */
export interface ScannedSession {
  readonly session: string
  /** Behind its own line, up to its end line. */
  readonly from: number
  readonly to: number
  readonly firstNumber: number
  readonly events: number
  /** When the conversation began. null: nothing in it says so. */
  readonly beganAt: Date | null
  /** Where it was copied from, if it is a fork. */
  readonly forkedFrom: { readonly session: string; readonly seq: number } | null
}

export interface ScannedExport {
  readonly tenant: string
  readonly sessions: readonly ScannedSession[]
  readonly events: number
  readonly missingBlobs: number
  /** Sessions that are not in it: they were broken where it was exported. */
  readonly broken: readonly string[]
}

/**
 * Reads an export from its first line to its last and finds out whether it is whole and true to itself: the order, the
 * links of each chain, bodies that parse as far as they did, blobs, counts and digests.
 *
 * @throws Fault the first of it
 */
export async function scanExport(file: string, onEvent: () => void): Promise<ScannedExport> {
  const scan = new Scan(onEvent)
  try {
    for await (const line of linesOf(file)) scan.take(line)
  } catch (error) {
    throw error instanceof LineTooLong ? new Fault(error.line, 'it is longer than any line of an export') : error
  }
  return scan.end()
}

class Scan {
  private tenant: string | null = null
  private current: SessionScan | null = null
  private readonly sessions: ScannedSession[] = []
  private readonly names = new Set<string>()
  private events = 0
  private missingBlobs = 0
  private isDone = false
  private broken: readonly string[] = []
  private lines = 0

  constructor(private readonly onEvent: () => void) {}

  take(line: Line): void {
    this.lines = line.number
    const read = readLine(line)
    const { number } = line
    if (this.isDone) throw new Fault(number, 'nothing may come after the line that says it is done')
    if (this.tenant === null) {
      if (read.kind !== 'header') throw new Fault(number, 'it is no export of Spool')
      this.tenant = read.tenant
      return
    }
    switch (read.kind) {
      case 'header':
        throw new Fault(number, 'another export begins here; each is a file of its own')
      case 'session':
        if (this.current !== null) throw this.unfinished(number)
        if (this.names.has(read.session)) throw new Fault(number, `session ${read.session} was there already`)
        this.names.add(read.session)
        this.current = new SessionScan(read.session, line)
        return
      case 'done': {
        if (this.current !== null) throw this.unfinished(number)
        const { sessions, events } = this
        if (read.sessions !== sessions.length || read.events !== events) {
          throw new Fault(
            number,
            `there should be ${read.sessions} sessions and ${read.events} events, but there are ${sessions.length} and ${events}`,
          )
        }
        this.isDone = true
        this.broken = read.broken
        return
      }
      case 'end': {
        if (this.current === null) throw new Fault(number, 'no session has begun')
        this.sessions.push(this.current.end(line, read))
        this.current = null
        return
      }
      default:
        if (this.current === null) throw new Fault(number, 'no session has begun')
        this.current.hash.update(line.bytes).update('\n')
    }
    switch (read.kind) {
      case 'event':
        this.current.event(number, read)
        this.events++
        this.onEvent()
        return
      case 'blob':
        return this.current.blob(number, read)
      case 'chunk':
        return this.current.chunk(number, read.bytes)
      case 'missing_blob':
        this.current.blobs++
        this.missingBlobs++
    }
  }

  end(): ScannedExport {
    const next = this.lines + 1
    if (this.tenant === null) throw new Fault(1, 'it is empty')
    if (this.current !== null) throw new Fault(next, `the file was cut short in session ${this.current.session}`)
    if (!this.isDone) throw new Fault(next, 'the file was cut short: sessions may be missing')
    const { tenant, sessions, events, missingBlobs, broken } = this
    return { tenant, sessions, events, missingBlobs, broken }
  }

  private unfinished(number: number): Fault {
    return new Fault(number, `the end of session ${this.current!.session} is missing`)
  }
}

interface OpenBlob {
  readonly blob: string
  readonly size: number
  readonly digest: string
  readonly hash: Hash
  read: number
}

class SessionScan {
  readonly hash = createHash('sha256')
  blobs = 0
  private readonly from: number
  private readonly firstNumber: number
  private readonly ids = new Set<string>()
  private last = { epoch: 0, seq: 0 }
  private events = 0
  private open: OpenBlob | null = null
  private beganAt: Date | null = null
  private forkedFrom: ScannedSession['forkedFrom'] = null

  constructor(
    readonly session: string,
    line: Line,
  ) {
    this.from = line.to
    this.firstNumber = line.number + 1
  }

  event(number: number, event: ReadEvent): void {
    this.closeBlob(number)
    const { epoch, seq, prev, id, body } = event
    if (seq <= this.last.seq || epoch < this.last.epoch) {
      throw new Fault(number, `position ${formatCursor(event)} does not come after ${formatCursor(this.last)}`)
    }
    if (prev !== this.last.seq) {
      throw new Fault(
        number,
        `event ${formatCursor(event)} follows ${prev}, but the one before it is ${this.last.seq}: the chain is broken`,
      )
    }
    if (this.ids.has(id)) throw new Fault(number, `event id ${id} was there already`)
    if (body.length > MAX_EVENT_BYTES)
      throw new Fault(number, `its body has ${body.length} bytes; an event has ${MAX_EVENT_BYTES} at most`)
    this.ids.add(id)
    this.checkBody(number, event)
    this.last = { epoch, seq }
    this.events++
  }

  blob(number: number, blob: { readonly blob: string; readonly size: number; readonly digest: string }): void {
    this.closeBlob(number)
    if (blob.size > MAX_BLOB_BYTES) throw new Fault(number, `blob ${blob.blob} is larger than a blob may be`)
    this.open = { ...blob, hash: createHash('sha256'), read: 0 }
    this.blobs++
  }

  chunk(number: number, bytes: Buffer): void {
    if (this.open === null) throw new Fault(number, 'no blob has begun')
    this.open.read += bytes.length
    this.open.hash.update(bytes)
  }

  end(
    { number, from: to }: Line,
    end: { session: string; events: number; blobs: number; last: string; sha256: string },
  ): ScannedSession {
    this.closeBlob(number)
    const { session, from, firstNumber, events, beganAt, forkedFrom } = this
    if (end.session !== session) throw new Fault(number, `it ends session ${end.session}, but ${session} has begun`)
    if (end.events !== events || end.blobs !== this.blobs || end.last !== formatCursor(this.last)) {
      throw new Fault(
        number,
        `session ${session} should have ${end.events} events up to ${end.last} and ${end.blobs} blobs, but has ${events} up to ${formatCursor(this.last)} and ${this.blobs}`,
      )
    }
    if (this.hash.digest('hex') !== end.sha256) {
      throw new Fault(
        number,
        `the lines of session ${session} (from ${firstNumber} on) were changed: their digest is another one`,
      )
    }
    return { session, from, to, firstNumber, events, beganAt, forkedFrom }
  }

  /** What was folded there must be folded here. */
  private checkBody(number: number, { type, problem, body }: ReadEvent): void {
    const parsed = parseEvent(body)
    // Of an erased session nothing is exported; here it would take away what is there, and the id for good.
    if (type === ERASED || (parsed.ok && parsed.event.type === ERASED)) {
      throw new Fault(number, 'it erases its session, and erased sessions are not exported')
    }
    if (!parsed.ok) {
      if (problem === undefined) throw new Fault(number, `its body does not parse: ${parsed.reason}`)
      return
    }
    const { event } = parsed
    if (problem === undefined && event.type !== type)
      throw new Fault(number, `its type is ${type}, but its body says ${event.type}`)
    if (isKnown(event) && !event.type.startsWith('custom.')) this.beganAt ??= new Date(event.at)
    if (event.type !== 'session.forked') return
    const seq = parseCursor(event.from_cursor)?.seq
    if (seq !== undefined) this.forkedFrom = { session: event.from_session, seq }
  }

  private closeBlob(number: number): void {
    if (this.open === null) return
    const { blob, size, digest, hash, read } = this.open
    this.open = null
    const found = `SHA-256=${hash.digest('base64').replaceAll('+', '-').replaceAll('/', '_')}`
    if (read !== size || found !== digest)
      throw new Fault(number - 1, `blob ${blob} is not what it was: its bytes are others, or some are missing`)
  }
}
