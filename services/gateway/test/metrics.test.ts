import { newId } from '@spool/events'
import { startTelemetry, type Telemetry } from '@spool/telemetry'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Watcher } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let telemetry: Telemetry
let system: System
beforeAll(async () => {
  telemetry = await startTelemetry({ service: 'gateway', instance: 'test' })
  system = await startSystem()
})
afterAll(async () => {
  await system?.stop()
  await telemetry?.shutdown()
})

/** The value of a metric with these labels; nothing where it has none yet. */
async function metric(name: string, ...labels: string[]): Promise<number | undefined> {
  const text = await (await fetch(`http://127.0.0.1:${telemetry.metricsPort}/metrics`)).text()
  const line = text.split('\n').find((each) => each.startsWith(name) && labels.every((label) => each.includes(label)))
  return line === undefined ? undefined : Number(line.split(' ')[1])
}

test('open streams, resumes and the time to deliver can be watched', async () => {
  const session = newId()
  const ref = { tenant: 'default', session }
  const seq = await system.orchestrator.append(ref, 'session.titled', { title: 'A title' })
  const watchers = [
    await Watcher.open(system.url, `/v1/sessions/${session}/events`),
    await Watcher.open(system.url, `/v1/sessions/${session}/events`, { headers: { 'last-event-id': `1-${seq}` } }),
    await Watcher.open(system.url, `/v1/sessions/${session}/events`, { headers: { 'last-event-id': '1-99999' } }),
  ]
  await until(async () => (await metric('gateway_sse_connections')) === 3, 'three streams are open')
  expect(await metric('gateway_sse_resume', 'source="ring"', 'outcome="resumed"')).toBe(1)
  expect(await metric('gateway_sse_resume', 'outcome="reset"')).toBe(1)
  for (let i = 0; i < 100; i++) await system.orchestrator.append(ref, 'session.titled', { title: `${i}` })
  await watchers[0]!.until(({ frames }) => frames.length === 101)
  expect(await metric('token_delivery_latency_count')).toBeGreaterThan(0)
  for (const watcher of watchers) watcher.cut()
  await until(async () => (await metric('gateway_sse_connections')) === 0, 'no stream is open')
})
