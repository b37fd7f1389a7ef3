import { expect, test } from 'vitest'
import { chaos } from '../chaos/chaos.ts'

// `npm run chaos` does the same with 1,000 runs.
test('agents of all kinds come to the right end while everything that carries them is killed at random', async () => {
  const seed = Date.now() % 1_000_000
  const report = await chaos({
    runs: 60,
    concurrency: 60,
    seed,
    kills: 10,
    pauseMs: [200, 1000],
    copies: 2,
    endWithinMs: 60_000,
    say: () => undefined,
  })
  console.info({ seed, kills: report.kills, openAtLastKill: report.openAtLastKill, lastEndMs: report.lastEndMs })
  console.info({ ...report.ends, ...report.calls })
  expect(report.faults).toEqual([])
}, 180_000)
