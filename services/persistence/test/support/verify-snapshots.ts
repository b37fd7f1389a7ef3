import { isDeepStrictEqual } from 'node:util'
import { emptySession, type SessionState } from '@spool/events'
import { foldStored, type Log, readStream, type SessionRef, type StoredEvent, streamExtent } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import { loadSession, openDatabase, type Schema, sessionKey } from '@spool/store'

export interface Verified {
  readonly sessions: number
  readonly events: number
  /** In words, the first few; empty: all is as it must be. */
  readonly differences: readonly string[]
}

interface Folded {
  readonly ref: SessionRef
  state: SessionState
}

/**
 * Reads the whole log from its stream, event by event, and compares: every event has its row, with the same id, place
 * and body, in an unbroken chain; there is no row beside these; and the stored snapshot of each session is the fold of
 * its events. To be called while nothing is written and persistence has caught up.
 */
export async function verifySnapshots(databaseUrl: string, log: Log): Promise<Verified> {
  const { kysely, close } = openDatabase({ url: databaseUrl, name: 'verify', connections: 2 })
  try {
    const differences: string[] = []
    const sessions = new Map<string, Folded>()
    let events = 0
    for (let shard = 0; shard < log.subjects.shards; shard++) {
      const rows = new Rows(kysely, shard)
      for await (const { ref, stored } of wholeStream(log, shard)) {
        events++
        const row = await rows.at(stored.seq)
        differences.push(...compareRow(stored, row))
        const known = sessions.get(sessionKey(ref)) ?? { ref, state: emptySession() }
        if (stored.prev !== known.state.seq) differences.push(`${stored.seq} does not follow ${known.state.seq}`)
        known.state = foldStored(known.state, stored)
        sessions.set(sessionKey(ref), known)
      }
    }
    const { rows: counted } = await sql<{ count: number }>`select count(*) from events`.execute(kysely)
    if (counted[0]!.count !== events) differences.push(`${counted[0]!.count} rows for ${events} events`)
    for (const { ref, state } of sessions.values()) {
      const loaded = await loadSession(kysely, ref, { messages: 'all', finished: true })
      const difference = firstDifference(state, loaded?.state ?? null)
      if (difference !== null) differences.push(`${sessionKey(ref)}: ${difference}`)
    }
    return { sessions: sessions.size, events, differences: differences.slice(0, 10) }
  } finally {
    await close()
  }
}

async function* wholeStream(log: Log, shard: number) {
  const { epoch, firstSeq, lastSeq } = await streamExtent(log, shard)
  if (lastSeq < firstSeq) return
  for await (const event of readStream(log, shard, epoch, firstSeq - 1, new AbortController().signal)) {
    yield event
    if (event.stored.seq >= lastSeq) return
  }
}

interface Row {
  seq: number
  prev: number
  epoch: number
  event_id: string
  type: string
  on_chain: boolean
  bytes: number
  body: string | null
  raw: Buffer | null
}

/** The rows of a shard in order, a page at a time. */
class Rows {
  private page: Row[] = []

  constructor(
    private readonly kysely: Kysely<Schema>,
    private readonly shard: number,
  ) {}

  async at(seq: number): Promise<Row | undefined> {
    if (this.page.length === 0) {
      const { rows } = await sql<Row>`
        select seq, prev, epoch, event_id, type, on_chain, bytes, body::text, raw from events
        where shard = ${this.shard} and seq >= ${seq} order by seq limit 2000`.execute(this.kysely)
      this.page = rows
    }
    return this.page[0]?.seq === seq ? this.page.shift() : undefined
  }
}

function compareRow(stored: StoredEvent, row: Row | undefined): string[] {
  if (row === undefined) return [`${stored.seq} has no row`]
  const body = row.body === null ? row.raw! : Buffer.from(row.body)
  const same =
    row.event_id === stored.id &&
    row.prev === stored.prev &&
    row.epoch === stored.epoch &&
    row.on_chain &&
    row.bytes === stored.body.length &&
    body.equals(stored.body)
  return same ? [] : [`the row of ${stored.seq} is not what the log holds`]
}

/** Where two values part, as a path; `null`: nowhere. */
function firstDifference(wanted: unknown, found: unknown, path = 'state'): string | null {
  if (isDeepStrictEqual(json(wanted), json(found))) return null
  if (typeof wanted !== 'object' || wanted === null || typeof found !== 'object' || found === null) {
    return `${path} is ${short(found)}, the fold says ${short(wanted)}`
  }
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const difference = firstDifference(field(wanted, key), field(found, key), `${path}.${key}`)
    if (difference !== null) return difference
  }
  return null
}

function field(value: object, key: string): unknown {
  return (value as Record<string, unknown>)[key]
}

function json(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value))
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? 'absent').slice(0, 200)
}
