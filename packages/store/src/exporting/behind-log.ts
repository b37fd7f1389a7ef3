import { type Log, streamExtent } from '@spool/log'
import type { Kysely } from 'kysely'
import { setTimeout as pause } from 'node:timers/promises'
import type { Schema } from '../database/schema.ts'

const LOOK_EVERY_MS = 100

/** Waits until all that the log holds now is stored. Resolves with how many positions are still missing then. */
export async function behindLog(kysely: Kysely<Schema>, log: Log, patienceMs: number): Promise<number> {
  const giveUpAtMs = performance.now() + patienceMs
  const wanted = await Promise.all(
    Array.from({ length: log.subjects.shards }, async (_, shard) => (await streamExtent(log, shard)).lastSeq),
  )
  for (;;) {
    const stored = await kysely.selectFrom('projection').select(['shard', 'seq']).execute()
    const seqOf = new Map(stored.map(({ shard, seq }) => [shard, seq]))
    const behind = wanted.reduce((sum, seq, shard) => sum + Math.max(0, seq - (seqOf.get(shard) ?? 0)), 0)
    if (behind === 0 || performance.now() > giveUpAtMs) return behind
    await pause(LOOK_EVERY_MS)
  }
}
