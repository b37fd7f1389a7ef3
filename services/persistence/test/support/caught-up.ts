import { streamExtent } from '@spool/log'
import type { System } from './system.ts'
import { until } from './until.ts'

/** Waits until all that the log holds is stored. */
export async function caughtUp(system: System, limitMs = 30_000): Promise<void> {
  await until(
    'persistence has stored the whole log',
    async () => {
      const rows = await system.sql<{ shard: number; seq: number }>('select shard, seq from projection')
      for (let shard = 0; shard < system.shards; shard++) {
        const { lastSeq } = await streamExtent(system.log, shard)
        if ((rows.find((row) => row.shard === shard)?.seq ?? 0) < lastSeq) return false
      }
      return true
    },
    limitMs,
  )
}
