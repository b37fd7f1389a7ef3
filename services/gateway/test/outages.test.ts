import { newId } from '@spool/events'
import { grantKey } from '@spool/log'
import { startTcpProxy, type TcpProxy } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Spool } from '@spool/client'
import type { RunningGateway } from '../src/start-gateway.ts'
import { call, chainFault, startRun, Watcher } from './support/http.ts'
import { KEY, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
let proxy: TcpProxy
/** Its way to the bus can be cut while the others go on. */
let gateway: RunningGateway
beforeAll(async () => {
  system = await startSystem()
  proxy = await startTcpProxy({ port: system.nats.port })
  gateway = await system.anotherGateway(`nats://127.0.0.1:${proxy.port}`)
})
afterAll(async () => {
  await system?.stop()
  await proxy?.stop()
})

test('what a gateway misses while its bus is away no client notices', async () => {
  const session = newId()
  const ref = { tenant: 'default', session }
  await system.orchestrator.append(ref, 'session.titled', { title: '0' })
  const watcher = await Watcher.open(gateway.url, `/v1/sessions/${session}/events`)
  await watcher.untilType('session.titled')
  for (let cut = 1; cut <= 5; cut++) {
    proxy.cutAll()
    for (let i = 0; i < 20; i++) await system.orchestrator.append(ref, 'session.titled', { title: `${cut}.${i}` })
  }
  // The last one, too, although no later one shows that it is missing.
  await watcher.until(({ frames }) => frames.length === 101)
  expect(chainFault(watcher.events)).toBeNull()
  watcher.cut()
})

test('a gateway that has missed how a session or a run began denies neither', async () => {
  const session = newId()
  const path = `/v1/sessions/${session}`
  const early = await call(gateway.url, `${path}/events`, { headers: { accept: 'text/event-stream' } })
  expect(early.status).toBe(404)
  // Where every live message is lost, none shows that another one is missing.
  proxy.intercept('down', (chunk) => (chunk.includes(`MSG live.0.default.${session}`) ? null : chunk))
  const statuses: number[] = []
  for (let times = 0; times < 2; times++) {
    const elsewhere = await startRun(system.url, session, { message: 'Hi' })
    // Nothing but lost messages is on its way when the gateway asks.
    await elsewhere.over
    const whole = await call(gateway.url, `${path}/runs/${String(elsewhere.headers['x-spool-run'])}/events`)
    statuses.push(whole.status)
    const page = await call(gateway.url, `${path}/events`, { headers: { accept: 'application/json' } })
    statuses.push(page.status)
  }
  proxy.intercept('down', undefined)
  expect(statuses).toEqual([200, 200, 200, 200])
})

test('a key that is taken back while a gateway is cut off counts no more when it is back', async () => {
  const key = newId()
  await grantKey(system.bus, key, 'default', 'test')
  const status = async () => (await call(gateway.url, '/v1/status', { key })).status
  await until(async () => (await status()) === 200, 'the key counts')
  proxy.refuse(true)
  proxy.cutAll()
  await system.revokeKey(key)
  expect(await status()).toBe(200)
  proxy.refuse(false)
  await until(async () => (await status()) === 401, 'the key counts no more')
})

test('the SDK, cut by everything at once, has the exact text', async () => {
  const tokens = Array.from({ length: 400 }, (_, index) => `${index} `)
  const gate = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  system.orchestrator.answers = async function* () {
    for (const [index, token] of tokens.entries()) {
      if (index === 100 || index === 250) await gate[index === 100 ? 0 : 1]!.promise
      yield token
    }
  }
  const front = await startTcpProxy({ port: Number(new URL(gateway.url).port) })
  const spool = new Spool({ url: `http://127.0.0.1:${front.port}`, key: KEY, backoff: { maxMs: 20 } })
  const run = await spool.session(newId()).send('Hi')
  const seen: number[] = []
  let text = ''
  for await (const event of run.events) {
    seen.push(event.seq)
    if (event.type === 'text.delta') text += event['text'] as string
    if (seen.length === 50 || seen.length === 80) front.cutAll()
    if (text.endsWith(' 99 ')) {
      proxy.cutAll()
      gate[0]!.resolve()
    }
    if (text.endsWith(' 249 ')) {
      front.cutAll()
      proxy.cutAll()
      gate[1]!.resolve()
    }
  }
  expect(text).toBe(tokens.join(''))
  expect(await run.text()).toBe(text)
  expect(new Set(seen).size).toBe(seen.length)
  await front.stop()
})

test('a gateway that ends sends its followers away, and they go on elsewhere', async () => {
  const tokens = Array.from({ length: 60 }, (_, index) => `${index} `)
  const gate = Promise.withResolvers<void>()
  system.orchestrator.answers = async function* () {
    yield* tokens.slice(0, 30)
    await gate.promise
    yield* tokens.slice(30)
  }
  const leaving = await system.anotherGateway()
  const session = newId()
  const first = await startRun(leaving.url, session, { message: 'Hi' })
  await first.until(({ text }) => text.endsWith('29 '))
  const startedAt = Date.now()
  await leaving.stop()
  expect(Date.now() - startedAt).toBeLessThan(3000)
  // A proper end, not a cut, with a time to come back that differs from client to client.
  expect(await first.over).toBe(true)
  expect(first.raw).toMatch(/\n\nretry: \d+\n\n$/)
  const path = `/v1/sessions/${session}/runs/${first.headers['x-spool-run'] as string}/events`
  const second = await Watcher.open(system.url, path, { headers: { 'last-event-id': first.cursor } })
  gate.resolve()
  await second.over
  expect(first.text + second.text).toBe(tokens.join(''))
  expect(chainFault([...first.events, ...second.events])).toBeNull()
  await expect(fetch(`${leaving.url}/healthz`)).rejects.toThrow()
})

test('whatever waits when a gateway ends is answered, over connections that are kept alive, too', async () => {
  const gate = Promise.withResolvers<void>()
  system.orchestrator.answers = async function* () {
    yield 'one'
    await gate.promise
  }
  const leaving = await system.anotherGateway()
  const start = (headers: Record<string, string>) =>
    fetch(`${leaving.url}/v1/sessions/${newId()}/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
      body: '{"message":"Hi"}',
    })
  const streaming = await start({ accept: 'text/event-stream' })
  const finishing = start({ prefer: 'wait=60' })
  await until(() => system.orchestrator.taken.at(-1)?.request !== undefined, 'the request is taken')
  system.orchestrator.silent = true
  const before = system.orchestrator.taken.length
  const unanswered = start({ accept: 'text/event-stream' })
  await until(() => system.orchestrator.taken.length > before, 'the request waits for its reply')
  const startedAt = Date.now()
  await leaving.stop()
  expect(Date.now() - startedAt).toBeLessThan(5000)
  expect(await streaming.text()).toMatch(/retry: \d+\n\n$/)
  expect((await finishing).status).toBe(202)
  expect(await (await unanswered).text()).toMatch(/retry: \d+\n\n$/)
  gate.resolve()
  system.orchestrator.silent = false
})
