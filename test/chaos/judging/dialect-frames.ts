import { formatCursor, languageOf, readEvent, runOf } from '@spool/events'
import { type Dialect, type Frame, written } from '@spool/dialects'
import type { LoggedSession } from './logged-session.ts'

/** What somebody is told in a dialect of one run, from its first event to its end. Each frame as it is written. */
export interface DialectFrames {
  /** Before any event; again with each connection. */
  readonly opening: readonly string[]
  /** Of each event that says something; the last frame has its id. */
  readonly groups: readonly (readonly string[])[]
  readonly closing: readonly string[]
}

/** Of what a connection was asked for beside the message. */
export type DialectQuery = Readonly<Record<string, unknown>>

/** Made of the log alone, as `packages/dialects` says. Whatever tells the time of the connection tells zero. */
export function dialectFrames(
  dialect: Dialect,
  { session, wire, events, state: folded }: LoggedSession,
  id: string,
  query: DialectQuery = {},
  blobs: ReadonlyMap<string, string> = new Map(),
): DialectFrames | null {
  const run = runOf(folded, id)
  if (run === undefined || run.lastSeq === null) return null
  const language = typeof query['language'] === 'string' ? languageOf(query['language']) : undefined
  const opening = { session, options: dialect.options(query), language, openedAt: 0 }
  const { state, frames } = dialect.open(opening)
  const groups: string[][] = []
  for (const [index, { session: _, ...body }] of wire.entries()) {
    const { seq, epoch, id: eventId } = events[index]!
    if (seq < run.firstSeq || seq > run.lastSeq) continue
    const read = readEvent(body)
    if (!read.ok || (read.event.run !== undefined && read.event.run !== id)) continue
    const cursor = formatCursor({ epoch, seq })
    const wanted = dialect.wants?.(read.event)
    const blob = wanted === undefined ? {} : { blob: blobs.get(wanted) ?? null }
    const told = dialect.encode({ event: read.event, id: eventId, cursor, ...blob }, state)
    if (told.length > 0) groups.push(apart(told, cursor))
    if (state.over === true || state.done === true) break
  }
  const last = state.over === true ? [] : dialect.close('finished', state, { bytes: 0, frames: 0, ms: 0 })
  return { opening: apart(frames), groups, closing: apart(last) }
}

function apart(frames: readonly Frame[], id?: string): string[] {
  return frames.map((frame, index) => written([frame], index === frames.length - 1 ? id : undefined).trimEnd())
}
