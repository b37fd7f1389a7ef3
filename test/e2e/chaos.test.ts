import { expect, test } from 'vitest'
import { chaos } from '../chaos/chaos.ts'
import { table } from '../chaos/table.ts'

// `npm run chaos` does the same for as long as one likes, and with a cluster.
test(
  'every client sees every event once, whatever dies, freezes, is cut off or lies meanwhile',
  // Not tried twice: with another seed the next one may well be right.
  { timeout: 600_000, retry: 0 },
  async () => {
    const seed = Date.now() % 1_000_000
    console.info(`npm run chaos -- --minutes 1 --seed ${seed}`)
    const report = await chaos({
      profile: 'single',
      seed,
      sessions: 200,
      lengthMs: 60_000,
      // On a machine that has other things to do; it says what it took.
      endWithinMs: 240_000,
      say: () => undefined,
    })
    console.info(table(report))
    console.info({ lastEndMs: report.lastEndMs, tookMs: report.tookMs })
    expect(report.wrong).toEqual([])
  },
)
