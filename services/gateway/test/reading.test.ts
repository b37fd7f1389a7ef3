import { newId } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, startRun } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const ROUTES = (session: string, run: string) => [
  `/v1/sessions/${session}`,
  `/v1/sessions/${session}/messages`,
  `/v1/sessions/${session}/runs/${run}`,
  `/v1/sessions/${session}/confirmations`,
  `/v1/sessions/${session}/artifacts`,
]

test('a snapshot is never older than what its reader was told, by a stream or an answer', async () => {
  const session = newId()
  const stream = await startRun(system.url, session, { message: 'Hi' })
  await stream.over
  const last = stream.events.at(-1)!.seq
  for (const path of ROUTES(session, stream.headers['x-spool-run'] as string)) {
    const { status, json } = await call(system.url, path)
    expect([path, status, json['cursor']]).toEqual([path, 200, `1-${last}`])
    expect(system.persistence.asked.at(-1)).toMatchObject({ tenant: 'default', session, atLeast: { seq: last } })
  }
  const accepted = await call(system.url, `/v1/sessions/${session}/runs`, { body: { message: 'again' } })
  await call(system.url, `/v1/sessions/${session}/messages`)
  const told = Number((accepted.json['cursor'] as string).split('-')[1])
  expect(system.persistence.asked.at(-1)!.atLeast!.seq).toBeGreaterThanOrEqual(told)
})

test('a store that has not caught up in time is a reason to come back, not an old answer', async () => {
  const session = newId()
  const stream = await startRun(system.url, session, { message: 'Hi' })
  await stream.over
  system.persistence.behind = true
  for (const path of ROUTES(session, stream.headers['x-spool-run'] as string)) {
    const { status, json, headers } = await call(system.url, path)
    expect([path, status, json['code'], headers['retry-after']]).toEqual([path, 503, 'unavailable', '1'])
  }
  system.persistence.behind = false
})

test('a cancel that nobody could carry out yet is safe, and says so', async () => {
  await system.orchestrator.stop()
  const answer = await call(system.url, `/v1/sessions/${newId()}/runs/r/cancel`, { method: 'POST' })
  expect([answer.status, answer.json['status']]).toEqual([202, 'cancelling'])
  expect((await system.bus.jsm.streams.info('CONTROL')).state.messages).toBe(1)
  await system.orchestrator.start()
})
