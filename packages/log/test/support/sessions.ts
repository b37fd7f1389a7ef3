import { newId } from '@spool/events'
import {
  type Appended,
  BusUnavailable,
  ChainWriter,
  type Draft,
  type Log,
  type SessionRef,
  type StoredEvent,
} from '../../src/index.ts'

const encoder = new TextEncoder()

/** A session of its own for each test, so that tests can share a server. */
export const newSession = (tenant = 'test'): SessionRef => ({ tenant, session: newId() })

/** An event whose text can be told from others'. */
export function note(text: string): Draft {
  return { id: newId(), type: 'custom.note', body: encoder.encode(JSON.stringify({ v: 1, type: 'custom.note', text })) }
}

export const noteText = (event: StoredEvent): string => (JSON.parse(event.text()) as { text: string }).text

/** Appends and expects to be alone. */
export async function appended(writer: ChainWriter, draft: Draft): Promise<number> {
  const result: Appended = await writer.append(draft)
  if (result.outcome !== 'stored') throw new Error(`overtaken by ${result.others.length} events`)
  return result.seq
}

/** Appends `count` notes to a new session and gives back their positions. */
export async function written(log: Log, ref: SessionRef, count: number, prefix = 'note'): Promise<number[]> {
  const writer = new ChainWriter(log, ref, await log.lastPosition(ref))
  const seqs: number[] = []
  for (let i = 0; i < count; i++) seqs.push(await appended(writer, note(`${prefix} ${i}`)))
  return seqs
}

export async function all(events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> {
  const list: StoredEvent[] = []
  for await (const event of events) list.push(event)
  return list
}

/** What is wrong with a piece of a chain, or nothing. */
export function chainFault(events: readonly StoredEvent[], after = 0): string | null {
  let at = after
  const ids = new Set<string>()
  for (const event of events) {
    if (event.prev !== at) return `${event.seq} names ${event.prev} before it, but it follows ${at}`
    if (ids.has(event.id)) return `${event.id} is there twice`
    ids.add(event.id)
    at = event.seq
  }
  return null
}

/** Everything in the session, asked again while the bus is finding its feet. */
export async function wholeChain(log: Log, ref: SessionRef): Promise<StoredEvent[]> {
  for (;;) {
    try {
      return await all(log.read(ref, 0, await log.lastPosition(ref)))
    } catch (error) {
      if (!(error instanceof BusUnavailable)) throw error
    }
  }
}
