import { describe, expect, test } from 'vitest'
import { PROFILES } from '../profile.ts'
import { Random } from '../random.ts'
import { faultPlan } from './fault-plan.ts'

const SEEDS = Array.from({ length: 200 }, (_, index) => index * 7919)
const MINUTE = { fromMs: 2_000, untilMs: 52_000 }

describe.each(PROFILES)('the plan of the profile %s', (profile) => {
  const planOf = (seed: number, window = MINUTE) => faultPlan(new Random(seed), { profile, ...window })

  test('is the same for the same seed, and another for another', () => {
    for (const seed of SEEDS) expect(planOf(seed)).toEqual(planOf(seed))
    expect(new Set(SEEDS.map((seed) => JSON.stringify(planOf(seed)))).size).toBe(SEEDS.length)
  })

  test('keeps to its time, and freezes for 5 to 40 s', () => {
    const windows = [MINUTE, { fromMs: 2_000, untilMs: 1_790_000 }]
    for (const window of windows) {
      const plans = SEEDS.slice(0, 20).flatMap((seed) => planOf(seed, window))
      expect(Math.min(...plans.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(window.fromMs)
      expect(Math.max(...plans.map(({ atMs, forMs }) => atMs + forMs))).toBeLessThanOrEqual(window.untilMs)
      const freezes = plans.filter(({ kind }) => kind === 'freeze').map(({ forMs }) => forMs)
      expect([Math.min(...freezes) >= 5_000, Math.max(...freezes) <= 40_000]).toEqual([true, true])
    }
  })

  test('has about every kind in a minute, and freezes no longer than 8 s in it', () => {
    const kinds = new Set(planOf(1, { fromMs: 0, untilMs: 1_800_000 }).map(({ kind }) => kind))
    const missing = SEEDS.map((seed) => kinds.size - new Set(planOf(seed).map(({ kind }) => kind)).size)
    expect(Math.max(...missing)).toBeLessThanOrEqual(2)
    for (const seed of SEEDS)
      for (const { kind, forMs } of planOf(seed)) if (kind === 'freeze') expect(forMs).toBeLessThanOrEqual(8_000)
  })

  test('harms nothing in two ways at a time', () => {
    for (const seed of SEEDS) {
      const plan = planOf(seed)
      for (const [index, { targets, atMs, forMs }] of plan.entries())
        for (const later of plan.slice(index + 1))
          if (later.targets.some((target) => targets.includes(target))) expect(later.atMs).toBeGreaterThan(atMs + forMs)
    }
  })
})

test('a cluster loses its leader, and each of its servers in turn, and never two at a time', () => {
  for (const seed of SEEDS) {
    const plan = faultPlan(new Random(seed), { profile: 'cluster', ...MINUTE })
    const downs = plan.filter(({ kind }) => kind === 'node killed' || kind === 'leader killed')
    for (const [index, { atMs, forMs }] of downs.entries())
      expect(downs[index + 1]?.atMs ?? Infinity).toBeGreaterThan(atMs + forMs)
  }
  const long = faultPlan(new Random(3), { profile: 'cluster', fromMs: 0, untilMs: 300_000 })
  const targets = new Set(long.flatMap((fault) => fault.targets))
  expect(['leader', 'node-1', 'node-2', 'node-3'].filter((target) => !targets.has(target))).toEqual([])
})
