import { expect, test } from 'vitest'
import { Backoff, wait } from './backoff.ts'

const most = (backoff: Backoff, draws = 1) => Math.max(...Array.from({ length: draws }, () => backoff.nextMs()))

test('the bound of the waits doubles up to a maximum', () => {
  for (let seen = 0; seen < 50; seen++) {
    const backoff = new Backoff({ firstMs: 100, maxMs: 500 })
    expect(backoff.nextMs()).toBeLessThanOrEqual(100)
    expect(backoff.nextMs()).toBeLessThanOrEqual(200)
    expect(backoff.nextMs()).toBeLessThanOrEqual(400)
    expect(most(backoff, 20)).toBeLessThanOrEqual(500)
  }
})

test('the waits of many clients are spread over the whole range', () => {
  const waits = Array.from({ length: 1000 }, () => new Backoff({ firstMs: 1000 }).nextMs())
  expect(Math.min(...waits)).toBeLessThan(100)
  expect(Math.max(...waits)).toBeGreaterThan(900)
})

test('what the server asks for is the least that is waited, up to the maximum', () => {
  const backoff = new Backoff({ firstMs: 1, maxMs: 5000 })
  expect(backoff.nextMs(3000)).toBe(3000)
  expect(backoff.nextMs(60_000)).toBe(5000)
})

test('after a success the waits begin anew', () => {
  const backoff = new Backoff({ firstMs: 10 })
  most(backoff, 10)
  backoff.succeeded()
  expect(backoff.nextMs()).toBeLessThanOrEqual(10)
})

test('a wait ends when its signal is aborted', async () => {
  const abort = new AbortController()
  const waiting = wait(60_000, abort.signal)
  abort.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
  await expect(wait(60_000, abort.signal)).rejects.toThrow('enough')
})
