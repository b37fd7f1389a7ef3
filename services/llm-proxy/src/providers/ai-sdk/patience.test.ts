import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CallDeadline } from './call-deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const timeouts = { firstTokenMs: 300, stallMs: 100 }

/** After how long a provider is given up that says nothing any more. */
async function patienceMs(deadline: CallDeadline): Promise<number> {
  void deadline.during(new Promise(() => undefined))
  const since = Date.now()
  while (!deadline.signal.aborted) await vi.advanceTimersByTimeAsync(10)
  return Math.floor((Date.now() - since) / 100) * 100
}

test('a provider has its time for the first token, and then less for each other', async () => {
  const deadline = new CallDeadline(timeouts, 'p')
  expect(await patienceMs(deadline)).toBe(300)
  expect(deadline.signal.reason).toMatchObject({ code: 'provider_timed_out' })
  const answering = new CallDeadline(timeouts, 'p')
  answering.answering()
  expect(await patienceMs(answering)).toBe(100)
  expect(answering.signal.reason).toMatchObject({ code: 'provider_stalled' })
})

test('what was waited for the first token is not given again', async () => {
  const deadline = new CallDeadline(timeouts, 'p')
  const head = deadline.during(new Promise((resolve) => void setTimeout(resolve, 200)))
  await vi.advanceTimersByTimeAsync(200)
  await head
  expect(await patienceMs(deadline)).toBe(100)
})

test('a model that is said to think is waited for ten times as long, until it is through with that', async () => {
  const thinking = new CallDeadline(timeouts, 'p')
  thinking.thinking(true)
  expect(await patienceMs(thinking)).toBe(1000)
  expect(thinking.signal.reason).toMatchObject({ code: 'provider_stalled' })
  const through = new CallDeadline(timeouts, 'p')
  through.thinking(true)
  through.answering()
  through.thinking(false)
  expect(await patienceMs(through)).toBe(100)
})

test('what it thought without a word is not taken from the time for its first', async () => {
  const deadline = new CallDeadline(timeouts, 'p')
  deadline.thinking(true)
  const thought = deadline.during(new Promise((resolve) => void setTimeout(resolve, 500)))
  await vi.advanceTimersByTimeAsync(500)
  await thought
  deadline.thinking(false)
  expect(await patienceMs(deadline)).toBe(100)
})
