import { type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { answerStatus, type AskingLimits, askStatuses } from '../src/index.ts'
import { connected } from './support/deployment.ts'

let nats: RunningNats
beforeAll(async () => {
  nats = await startNats()
})
afterAll(() => nats.stop())

async function copy(service: string, read: () => object): Promise<void> {
  const bus = await connected(nats.url)
  onTestFinished(answerStatus(bus, service, read))
  await bus.nc.flush()
}

/** Somebody who listens and says whatever it likes, or nothing. */
async function stranger(service: string, says: (respond: (text: string) => void) => void): Promise<void> {
  const bus = await connected(nats.url)
  bus.nc.subscribe(`status.${service}`, { callback: (_, message) => says((text) => message.respond(text)) })
  await bus.nc.flush()
}

/** What is heard, and how long that took. */
async function asked(service: string, limits?: AskingLimits) {
  const bus = await connected(nats.url)
  const startedMs = performance.now()
  const answers = await askStatuses(bus, service, limits)
  return { answers, tookMs: performance.now() - startedMs }
}

test('every copy is heard, each with its own', async () => {
  for (const instance of ['a', 'b', 'c']) await copy('three', () => ({ instance }))
  const { answers } = await asked('three')
  expect(answers).toHaveLength(3)
  expect(answers).toEqual(expect.arrayContaining([{ instance: 'a' }, { instance: 'b' }, { instance: 'c' }]))
})

test('where there is no copy the answer comes at once, and is empty', async () => {
  const { answers, tookMs } = await asked('nobody', { timeoutMs: 20_000 })
  expect(answers).toEqual([])
  expect(tookMs).toBeLessThan(10_000)
})

test('one that is frozen, one that fails and one that speaks another language keep nobody waiting', async () => {
  await copy('mixed', () => ({ instance: 'good' }))
  await copy('mixed', () => {
    throw new Error('does not know itself')
  })
  await stranger('mixed', () => undefined)
  await stranger('mixed', (respond) => respond('{"half": '))
  await stranger('mixed', (respond) => respond(''))
  const { answers, tookMs } = await asked('mixed', { timeoutMs: 20_000, othersMs: 100 })
  expect(answers).toEqual([{ instance: 'good' }])
  expect(tookMs).toBeLessThan(10_000)
})

test('nobody is waited for longer than the limit, also while there is only silence', async () => {
  await stranger('silent', () => undefined)
  expect((await asked('silent', { timeoutMs: 50 })).answers).toEqual([])
})

test('no more answers are read than asked for', async () => {
  await stranger('chatty', (respond) => {
    for (let count = 0; count < 1000; count++) respond(`{"count":${count}}`)
  })
  expect((await asked('chatty', { atMost: 5 })).answers).toHaveLength(5)
})

test('without a connection there is nothing to ask', async () => {
  const own = await startNats()
  const bus = await connected(own.url)
  await own.kill()
  await expect.poll(() => bus.connected).toBe(false)
  expect(await askStatuses(bus, 'three', { timeoutMs: 20_000 })).toEqual([])
  await own.stop()
})
