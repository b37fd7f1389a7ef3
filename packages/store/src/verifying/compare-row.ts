import type { SessionRef, StoredEvent } from '@spool/log'
import { eventRow, standInId } from '../storing/event-row.ts'
import { type Found, found, ADVICE } from './difference.ts'
import { around } from './first-difference.ts'
import type { StoredRow } from './stored-rows.ts'

/** In what an event's row is not what its event in the log says; `null`: in nothing. */
export function compareRow(ref: SessionRef, shard: number, stored: StoredEvent, row: StoredRow): Found | null {
  // What is marked is known. A body that is kept as bytes because Postgres would not take it as JSON is the same body.
  const unfit = row.raw !== null && row.problem !== null
  const wanted = eventRow(
    { ref, shard, stored, storedAtMs: 0 },
    { onChain: row.on_chain, problem: row.problem, ...(unfit && { unfit }) },
  )
  const differs = (what: string, inLog: unknown, inRow: unknown) =>
    found(row, `its ${what} is not what the log holds`, ADVICE.restorePostgres, { inLog, stored: inRow })

  if (row.epoch !== wanted.epoch) return differs('epoch', wanted.epoch, row.epoch)
  if (row.id !== wanted.id && row.id !== standInId(stored)) return differs('event id', wanted.id, row.id)
  if (row.prev !== wanted.prev) return differs('predecessor', wanted.prev, row.prev)
  if (!bodyOf(row).equals(stored.body)) {
    const parting = around(stored.text(), bodyOf(row).toString())
    return differs('body', parting.wanted, parting.found)
  }
  if (row.bytes !== wanted.bytes) return differs('length', wanted.bytes, row.bytes)
  // Of an event that was marked as unfit nothing is said but where it lies.
  if (unfit) return null
  if (row.type !== wanted.type) return differs('type', wanted.type, row.type)
  if (row.run !== wanted.run) return differs('run', wanted.run, row.run)
  if (row.trace !== wanted.trace) return differs('trace', wanted.trace, row.trace)
  if ((row.at?.getTime() ?? null) !== wanted.at) return differs('time', instant(wanted.at), row.at)
  return null
}

export function bodyOf({ body, raw }: Pick<StoredRow, 'body' | 'raw'>): Buffer {
  return raw ?? Buffer.from(body ?? '')
}

function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
