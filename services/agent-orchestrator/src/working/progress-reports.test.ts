import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ProgressReports, type Told } from './progress-reports.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

function reporting() {
  const passed: Told[] = []
  const waiting: (() => void)[] = []
  const reports = new ProgressReports((told) => {
    passed.push(told)
    return new Promise<void>((resolve) => waiting.push(resolve))
  })
  return { reports, passed, store: () => waiting.shift()!() }
}

test('one is on its way at a time; of those that come meanwhile the newest is passed on, a while later', async () => {
  const { reports, passed, store } = reporting()
  for (let step = 1; step <= 5; step++) reports.tell({ progress: step / 10 })
  expect(passed).toEqual([{ progress: 0.1 }])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(passed).toHaveLength(1)
  store()
  await vi.advanceTimersByTimeAsync(50)
  reports.tell({ progress: 0.6 })
  expect(passed).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(100)
  expect(passed).toEqual([{ progress: 0.1 }, { progress: 0.6 }])
  store()
  await vi.advanceTimersByTimeAsync(200)
  reports.tell({ text: 'later' })
  expect(passed.at(-1)).toEqual({ text: 'later' })
})

test('after the end nothing is passed on, and the end waits for what is on its way', async () => {
  const { reports, passed, store } = reporting()
  reports.tell({ progress: 0.1 })
  reports.tell({ progress: 0.2 })
  let isClosed = false
  const closed = reports.close().then(() => (isClosed = true))
  await vi.advanceTimersByTimeAsync(1000)
  expect(isClosed).toBe(false)
  store()
  await closed
  reports.tell({ progress: 0.3 })
  expect(passed).toEqual([{ progress: 0.1 }])
})

test('what a tool says is made to fit', async () => {
  const { reports, passed, store } = reporting()
  const told: unknown[] = [{ progress: NaN }, {}, { text: 7 }, { progress: 3, text: 'x'.repeat(5000) }]
  for (const each of told) reports.tell(each as Told)
  expect(passed).toEqual([{ progress: 1, text: 'x'.repeat(2000) }])
  store()
  await vi.advanceTimersByTimeAsync(200)
  reports.tell({ progress: -1 })
  expect(passed.at(-1)).toEqual({ progress: 0 })
})
