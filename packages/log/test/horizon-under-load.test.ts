import { type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { ChainWriter } from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { appended, newSession, note } from './support/sessions.ts'

let nats: RunningNats
beforeAll(async () => {
  nats = await startNats()
  await provisioned(nats.url)
})
afterAll(() => nats?.stop())

test('what is stored while a stream is looked at is no sign that it has lost anything: one look is enough', async () => {
  const log = await openLog(nats.url)
  const looks = vi.spyOn(log.bus.leader.streams, 'info')
  const over = new AbortController()
  const writing = Array.from({ length: 100 }, async () => {
    const writer = new ChainWriter(log, newSession(), 0)
    for (let count = 0; !over.signal.aborted; count++) await appended(writer, note(`${count}`))
  })
  for (let verified = 1; verified <= 100; verified++) {
    await log.horizon.verify()
    expect(log.horizon.behind).toBeNull()
  }
  over.abort()
  await Promise.all(writing)
  expect(looks).toHaveBeenCalledTimes(100)
})
