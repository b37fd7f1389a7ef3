import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import {
  busMetrics,
  counter,
  genAiMetrics,
  histogram,
  MetricsPortUnavailable,
  startTelemetry,
  type Health,
  type Telemetry,
  type TelemetryOptions,
} from '../src/index.ts'

// Declared before start-up on purpose, as modules do.
const fenced = counter(busMetrics.fenced)
const firstChunk = histogram(genAiMetrics.timeToFirstChunk)

let telemetry: Telemetry | undefined
afterEach(async () => {
  await telemetry?.shutdown()
  telemetry = undefined
})

async function start(options: Partial<TelemetryOptions> = {}) {
  telemetry = await startTelemetry({ service: 'gateway', instance: 'gateway-1', ...options })
  return (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${telemetry?.metricsPort}${path}`, init)
}

test('a scrape shows what was recorded, also by instruments declared before start-up', async () => {
  const get = await start()
  fenced.add(2)
  firstChunk.record(0.03)
  const response = await get('/metrics')
  const text = await response.text()
  expect(response.headers.get('content-type')).toContain('text/plain')
  expect(text).toMatch(/^bus_publish_fenced_total 2$/m)
  expect(text).toMatch(/gen_ai_client_inference_time_to_first_chunk_bucket\{le="0\.04"\} 1/)
  expect(text).toMatch(/target_info\{.*service_name="gateway".*service_instance_id="gateway-1".*\} 1/)
  expect(text).toMatch(/^process_memory_usage \d+$/m)
})

test('what is not in the list cannot be recorded: it does not compile', async () => {
  await start()
  const unlisted = { ...busMetrics.fenced, name: 'bus.publish.unlisted' } as const
  // @ts-expect-error a metric that is in no table
  expect(() => counter(unlisted)).not.toThrow()
  // @ts-expect-error a counter that is no histogram
  expect(() => counter(genAiMetrics.duration)).not.toThrow()
  // @ts-expect-error an attribute that its table does not name
  expect(() => fenced.add(1, { session: 'each would be a time series' })).not.toThrow()
})

test('instruments record again after telemetry was stopped and started', async () => {
  await start()
  fenced.add(5)
  await telemetry?.shutdown()
  const get = await start()
  fenced.add(1)
  expect(await (await get('/metrics')).text()).toMatch(/^bus_publish_fenced_total 1$/m)
})

test('health is 200 while the check says so, and 503 with the reason when it does not', async () => {
  let health: Health = { ok: true, detail: { nats: 'connected' } }
  const get = await start({ health: () => Promise.resolve(health) })
  const healthy = await get('/healthz')
  expect([healthy.status, await healthy.json()]).toEqual([200, health])

  health = { ok: false, detail: 'the bus is away' }
  const ill = await get('/healthz')
  expect([ill.status, await ill.json()]).toEqual([503, health])
})

test('a health check that throws is answered with 503 and its message', async () => {
  const get = await start({ health: () => Promise.reject(new Error('no route to host')) })
  const broken = await get('/healthz')
  expect([broken.status, await broken.json()]).toEqual([503, { ok: false, detail: 'no route to host' }])
})

test('a health check that hangs is answered with 503', async () => {
  const get = await start({ health: () => Promise.withResolvers<never>().promise })
  expect((await get('/healthz')).status).toBe(503)
})

test('other paths and methods are refused', async () => {
  const get = await start()
  expect((await get('/secrets')).status).toBe(404)
  expect((await get('/metrics', { method: 'POST' })).status).toBe(405)
})

test('a port that is taken is reported with what to do', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  const error = await start({ metricsPort: port }).catch((cause: unknown) => cause)
  other.close()
  expect(error).toBeInstanceOf(MetricsPortUnavailable)
  expect(error).toMatchObject({ code: 'metrics_port_unavailable', message: expect.stringContaining('METRICS_PORT') })
})
