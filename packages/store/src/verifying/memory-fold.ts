import { runOf, type SessionState, type SpoolEvent } from '@spool/events'
import { type Log, type SessionRef, shardOf } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { ownerOf } from '../storing/memory-owner.ts'
import { storableInstant, storableText } from '../storing/storable.ts'
import { type Difference, found, ofSession, ADVICE } from './difference.ts'

interface Memory {
  readonly ref: SessionRef
  readonly user: string | null
  readonly agent: string | null
  readonly run: string
  readonly text: string
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly epoch: number
  readonly seq: number
}

interface MemoryRow {
  readonly tenant: string
  readonly id: string
  readonly user_id: string | null
  readonly agent: string | null
  readonly session: string
  readonly run: string
  readonly text: string
  readonly created_at: Date
  readonly updated_at: Date
  readonly epoch: number
  readonly seq: number
  readonly forgotten: boolean
}

const PAGE = 5000

/** What all events together say of the memories: the same whatever order the shards come in. */
export class MemoryFold {
  private readonly memories = new Map<string, Memory | 'forgotten' | 'unclear'>()

  /** `state`: the session before the event. */
  take(ref: SessionRef, state: SessionState, place: { epoch: number; seq: number }, event: SpoolEvent): void {
    const { tenant } = ref
    if (event.type === 'memory.deleted') {
      for (const id of event.ids) this.memories.set(`${tenant}/${id}`, 'forgotten')
      return
    }
    if (event.type !== 'memory.updated') return
    const run = runOf(state, event.run)
    if (run?.memoryState.status !== 'pending') return
    const instant = storableInstant(event.at)
    const owner = ownerOf(run)
    for (const { id, text } of event.memories) {
      const key = `${tenant}/${id}`
      if (instant === null) {
        this.memories.set(key, 'unclear')
        continue
      }
      const ms = Date.parse(instant)
      const memory = {
        ref,
        ...owner,
        run: run.id,
        text: storableText(text),
        createdAtMs: ms,
        updatedAtMs: ms,
        ...place,
      }
      const merged = merge(this.memories.get(key), memory)
      this.memories.set(key, merged)
    }
  }

  /**
   * Compared with what is stored. Left out is what cannot be told from here: of sessions that were erased, and of
   * those that are looked at alone because they went on meanwhile.
   */
  async compare(
    kysely: Kysely<Schema>,
    log: Log,
    until: readonly { readonly epoch: number; readonly seq: number }[],
    isUnclear: (ref: SessionRef) => boolean,
  ): Promise<Difference[]> {
    const differences: Difference[] = []
    const shards = log.subjects.shards
    const tell = async (ref: SessionRef, id: string, what: string, wanted: unknown, stored: unknown) => {
      if (isUnclear(ref) || (await isErased(kysely, ref)) || (await isForgotten(kysely, ref, id))) return
      const one = found(null, `memory ${id} ${what}`, ADVICE.rebuild, { inLog: wanted, stored })
      differences.push(ofSession(ref, shardOf(ref, shards), one))
    }
    for await (const row of storedMemories(kysely)) {
      const key = `${row.tenant}/${row.id}`
      const known = this.memories.get(key)
      this.memories.delete(key)
      const ref = { tenant: row.tenant, session: row.session }
      if (row.forgotten) {
        if (known !== undefined && known !== 'unclear' && known !== 'forgotten') {
          await tell(known.ref, row.id, 'is forgotten, but no event says so', known.text, null)
        }
        continue
      }
      const end = until[shardOf(ref, shards)]!
      const isLater = row.epoch > end.epoch || (row.epoch === end.epoch && row.seq > end.seq)
      if (known === 'unclear' || isLater) continue
      if (known === undefined) await tell(ref, row.id, 'is stored, but no event speaks of it', null, row.text)
      else if (known === 'forgotten') await tell(ref, row.id, 'was deleted, but is still stored', null, row.text)
      else {
        const parting = differs(known, row)
        if (parting !== null) await tell(ref, row.id, `has another ${parting}`, known, row)
      }
    }
    for (const [key, memory] of this.memories) {
      if (memory === 'unclear' || memory === 'forgotten') continue
      await tell(memory.ref, key.slice(key.indexOf('/') + 1), 'is not stored', memory.text, null)
    }
    return differences
  }
}

function merge(before: Memory | 'forgotten' | 'unclear' | undefined, next: Memory): Memory | 'forgotten' | 'unclear' {
  if (before === undefined) return next
  if (before === 'forgotten' || before === 'unclear') return before
  // Whoever came first owns it; from here the order of shards is not known.
  if (before.user !== next.user || before.agent !== next.agent) return 'unclear'
  const createdAtMs = Math.min(before.createdAtMs, next.createdAtMs)
  if (before.updatedAtMs === next.updatedAtMs && before.ref.session !== next.ref.session) return 'unclear'
  return before.updatedAtMs > next.updatedAtMs ? { ...before, createdAtMs } : { ...next, createdAtMs }
}

function differs(memory: Memory, row: MemoryRow): string | null {
  if (memory.text !== row.text) return 'text'
  if (memory.user !== row.user_id || memory.agent !== row.agent) return 'owner'
  if (memory.ref.session !== row.session || memory.run !== row.run) return 'origin'
  if (memory.epoch !== row.epoch || memory.seq !== row.seq) return 'position'
  if (memory.createdAtMs !== row.created_at.getTime() || memory.updatedAtMs !== row.updated_at.getTime()) return 'time'
  return null
}

async function* storedMemories(kysely: Kysely<Schema>): AsyncGenerator<MemoryRow, void, undefined> {
  for (let at = { tenant: '', id: '' }; ;) {
    const { rows } = await sql<MemoryRow>`
      select tenant, id, user_id, agent, session, run, text, created_at, updated_at, epoch, seq, forgotten
      from memories where (tenant, id) > (${at.tenant}, ${at.id}) order by tenant, id limit ${PAGE}`.execute(kysely)
    yield* rows
    const last = rows.at(-1)
    if (last === undefined) return
    at = last
  }
}

async function isErased(kysely: Kysely<Schema>, { tenant, session }: SessionRef): Promise<boolean> {
  const row = await kysely
    .selectFrom('tombstones')
    .select('seq')
    .where('tenant', '=', tenant)
    .where('session', '=', session)
    .executeTakeFirst()
  return row !== undefined
}

/** It may have been deleted while the log was walked. */
async function isForgotten(kysely: Kysely<Schema>, { tenant, session }: SessionRef, id: string): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    select exists (select from events where tenant = ${tenant} and session = ${session} and type = 'memory.deleted'
      and body::text like ${`%"${id}"%`}) as there`.execute(kysely)
  return rows[0]!.there
}
