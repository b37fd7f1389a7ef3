import { expect, test, vi } from 'vitest'
import { ProviderError, type ProviderErrorCode } from '../providers/provider-error.ts'
import { RouteHealth } from './route-health.ts'

const settings = { failures: 3, pauseMs: 1000, maxPauseMs: 3000 }
const failure = (code: ProviderErrorCode = 'provider_unavailable') => new ProviderError(code, code)

async function failed(health: RouteHealth, times: number, code?: ProviderErrorCode): Promise<void> {
  for (let count = 0; count < times; count++) {
    health.begin().failed(failure(code))
    await settled()
  }
}

/** The breaker hears of a verdict a few turns later. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

test('a route that fails several times in a row is left out, and one answer in between starts the count anew', async () => {
  const health = new RouteHealth(settings)
  await failed(health, 2)
  health.begin().completed()
  await settled()
  await failed(health, 2)
  expect([health.state, health.isAvailable, health.failuresInARow, health.backAt]).toEqual(['ok', true, 2, null])
  await failed(health, 1)
  expect([health.state, health.isAvailable, health.failuresInARow]).toEqual(['left_out', false, 3])
  expect(health.lastError).toMatchObject({ code: 'provider_unavailable' })
})

test('it comes back by itself: one call is let through, and its first word is enough', async () => {
  vi.useFakeTimers()
  try {
    const health = new RouteHealth(settings)
    await failed(health, 3)
    expect(health.backAt!.getTime() - Date.now()).toBe(1000)
    vi.setSystemTime(Date.now() + 1000)
    expect(health.isAvailable).toBe(true)
    const probe = health.begin()
    expect([health.state, health.isAvailable]).toEqual(['probing', false])
    probe.answering()
    await settled()
    expect([health.state, health.isAvailable, health.failuresInARow]).toEqual(['ok', true, 0])
  } finally {
    vi.useRealTimers()
  }
})

test('while it is not back it is left alone for twice as long each time, up to a limit', async () => {
  vi.useFakeTimers()
  try {
    const health = new RouteHealth(settings)
    await failed(health, 3)
    const pauses: number[] = []
    for (let probe = 0; probe < 3; probe++) {
      pauses.push(health.backAt!.getTime() - Date.now())
      vi.setSystemTime(health.backAt!)
      await failed(health, 1)
    }
    expect(pauses).toEqual([1000, 2000, 3000])
    expect(health.state).toBe('left_out')
  } finally {
    vi.useRealTimers()
  }
})

test('a probe that was called off leaves the question open, and others are not let in on it', async () => {
  vi.useFakeTimers()
  try {
    const health = new RouteHealth(settings)
    await failed(health, 3)
    vi.setSystemTime(health.backAt!)
    health.begin().calledOff()
    await settled()
    expect([health.state, health.isAvailable]).toEqual(['left_out', false])
    expect(health.backAt!.getTime() - Date.now()).toBe(settings.pauseMs)
  } finally {
    vi.useRealTimers()
  }
})

test('a call from before the route was left out does not decide for the probe', async () => {
  vi.useFakeTimers()
  try {
    const health = new RouteHealth(settings)
    const earlier = health.begin()
    await failed(health, 3)
    vi.setSystemTime(health.backAt!)
    const probe = health.begin()
    earlier.failed(failure('provider_stalled'))
    await settled()
    expect(health.state).toBe('probing')
    probe.answering()
    await settled()
    expect(health.state).toBe('ok')
  } finally {
    vi.useRealTimers()
  }
})

test('a request that is refused for its content says nothing against the route', async () => {
  const health = new RouteHealth(settings)
  for (const code of ['provider_bad_request', 'provider_content_filtered', 'provider_context_too_long'] as const) {
    await failed(health, 4, code)
  }
  expect([health.state, health.failuresInARow, health.lastError]).toEqual(['ok', 0, null])
})

test('whoever wants to know hears of each change', async () => {
  const heard: string[] = []
  const health = new RouteHealth(settings, (state) => heard.push(state))
  await failed(health, 5)
  expect(heard).toEqual(['left_out'])
})

test('an answer that breaks after its first word counts as a failure, until one comes to its end', async () => {
  const health = new RouteHealth(settings)
  for (let count = 0; count < 3; count++) {
    const verdict = health.begin()
    verdict.answering()
    verdict.failed(failure('provider_broken'))
    verdict.calledOff()
    await settled()
  }
  expect(health.state).toBe('left_out')
})
