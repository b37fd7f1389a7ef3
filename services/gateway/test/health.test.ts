import { announceDiverged, answerReady } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const ready = () => call(system.url, '/readyz', { key: null })

test('ready is who has everybody', async () => {
  const { status, json } = await ready()
  expect(status).toBe(200)
  expect(Object.keys(json['checks'] as object).toSorted()).toEqual([
    'agent-orchestrator',
    'gateway',
    'llm-proxy',
    'log',
    'nats',
    'persistence',
  ])
})

test.for(['agent-orchestrator', 'llm-proxy', 'persistence'])('without %s it is not, and says so', async (service) => {
  system.stopReady(service)
  await system.bus.nc.flush()
  const { status, json, headers } = await ready()
  expect(status).toBe(503)
  expect(headers['retry-after']).toBe('1')
  expect((json['checks'] as Record<string, unknown>)[service]).toEqual({ ok: false, detail: 'does not answer' })
  const stop = answerReady(system.bus, service, () => ({ ok: false, detail: 'no Postgres' }))
  await system.bus.nc.flush()
  const second = await ready()
  expect((second.json['checks'] as Record<string, unknown>)[service]).toEqual({ ok: false, detail: 'no Postgres' })
  stop()
  answerReady(system.bus, service, () => ({ ok: true }))
  await system.bus.nc.flush()
  expect((await ready()).status).toBe(200)
})

test('while NATS is away the process lives, is not ready, and answers at once', async () => {
  await system.nats.kill()
  const startedAt = Date.now()
  const answers = await Promise.all([
    call(system.url, '/healthz', { key: null }),
    ready(),
    call(system.url, '/v1/sessions/s/runs', { body: { message: 'Hi' } }),
    call(system.url, '/v1/sessions/s/events'),
    call(system.url, '/v1/sessions/s/runs/r/cancel', { method: 'POST' }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([200, 503, 503, 503, 503])
  expect(answers[2]!.json).toMatchObject({ code: 'unavailable' })
  expect(answers[2]!.headers['retry-after']).toBe('1')
  const reading = await call(system.url, '/v1/sessions/s/messages')
  expect(reading.status).toBe(503)
  expect(Date.now() - startedAt).toBeLessThan(8000)
  await system.nats.restart()
  while ((await ready()).status !== 200);
  const { status } = await call(system.url, '/v1/sessions/s/runs', { body: { message: 'Hi' } })
  expect(status).toBe(202)
})

test('a log that is not the stored one is said of the log, with the reason', async () => {
  const why = 'The log has event a at 1-7, but event b is stored there.'
  // As persistence says it every two seconds, until then by hand.
  const logCheck = async () => {
    announceDiverged(system.bus, 0, why)
    await system.bus.nc.flush()
    return ((await ready()).json['checks'] as Record<string, unknown>)['log']
  }
  await expect.poll(logCheck, { timeout: 5000 }).toEqual({ ok: false, detail: why })
})
