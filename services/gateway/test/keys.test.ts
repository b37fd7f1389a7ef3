import { newId } from '@spool/events'
import { grantKey } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, startRun } from './support/http.ts'
import { KEY, OTHER_KEY, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const ROUTES: [method: string, path: string][] = [
  ['POST', '/v1/sessions/s/runs'],
  ['GET', '/v1/sessions'],
  ['GET', '/v1/sessions/s'],
  ['GET', '/v1/sessions/s/events'],
  ['GET', '/v1/sessions/s/messages'],
  ['GET', '/v1/sessions/s/messages/m'],
  ['GET', '/v1/sessions/s/runs/r'],
  ['GET', '/v1/sessions/s/runs/r/events'],
  ['POST', '/v1/sessions/s/runs/r/cancel'],
  ['GET', '/v1/status'],
]

test.for(ROUTES)('%s %s needs a key, before anything else is looked at', async ([method, path]) => {
  const none = await call(system.url, path, { method, key: null })
  expect([none.status, none.json['code']]).toEqual([401, 'missing_key'])
  expect(none.headers['www-authenticate']).toBe('Bearer')
  const wrong = await call(system.url, path, { method, key: 'not-a-key' })
  expect([wrong.status, wrong.json['code']]).toEqual([401, 'invalid_key'])
  const other = await call(system.url, path, { method, key: null, headers: { authorization: `Basic ${KEY}` } })
  expect(other.status).toBe(401)
})

test('health needs none', async () => {
  const answers = await Promise.all(
    ['/healthz', '/health', '/readyz'].map((path) => call(system.url, path, { key: null })),
  )
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
})

test('a key that is granted counts at once, and one that is taken back counts no more', async () => {
  const key = newId()
  expect((await call(system.url, '/v1/status', { key })).status).toBe(401)
  await grantKey(system.bus, key, 'default', 'new')
  await until(async () => (await call(system.url, '/v1/status', { key })).status === 200, 'the key counts')
  await system.revokeKey(key)
  await until(async () => (await call(system.url, '/v1/status', { key })).status === 401, 'the key counts no more')
})

test('who waits for an answer and loses the key meanwhile is not told it', async () => {
  const key = newId()
  await grantKey(system.bus, key, 'default', 'waiting')
  const held = Promise.withResolvers<void>()
  system.orchestrator.answers = async function* () {
    await held.promise
    yield 'a secret'
  }
  await until(async () => (await call(system.url, '/v1/status', { key })).status === 200, 'the key counts')
  const body = { message: 'Hi' }
  const before = system.orchestrator.taken.length
  const waiting = [
    call(system.url, `/v1/sessions/${newId()}/runs`, { key, body, headers: { prefer: 'wait=20' } }),
    call(system.url, '/chat', { key, body }),
  ]
  await until(() => system.orchestrator.taken.length === before + 2, 'both run')
  await system.revokeKey(key)
  await until(async () => (await call(system.url, '/v1/status', { key })).status === 401, 'the key counts no more')
  held.resolve()
  for (const { status, text } of await Promise.all(waiting)) expect([status, /secret/.test(text)]).toEqual([401, false])
  system.orchestrator.answers = () => ['Hello']
})

test('the same session id under another key is another session', async () => {
  const session = newId()
  const mine = await startRun(system.url, session, { message: 'mine' })
  await mine.over
  const run = mine.headers['x-spool-run'] as string
  const paths = ['', '/events', '/messages', `/runs/${run}`, `/runs/${run}/events`]
  for (const path of paths) {
    const theirs = await call(system.url, `/v1/sessions/${session}${path}`, { key: OTHER_KEY })
    expect([path, theirs.status]).toEqual([path, 404])
  }
  const started = await call(system.url, `/v1/sessions/${session}/runs`, {
    key: OTHER_KEY,
    body: { message: 'theirs' },
  })
  expect(started.status).toBe(202)
  const { json } = await call(system.url, `/v1/sessions/${session}/messages`, { key: OTHER_KEY })
  expect((json['messages'] as { text: string }[])[0]!.text).toBe('theirs')
})

test('no log line has a key in it', async () => {
  await call(system.url, `/v1/sessions/${newId()}/runs`, { body: { message: 'Hi' } })
  await call(system.url, '/v1/status', { key: 'a-wrong-key-that-is-long-enough' })
  expect(system.logLines.join('')).not.toMatch(new RegExp(`${KEY}|a-wrong-key`))
  expect(system.logLines.some((line) => line.includes('"route":"/v1/sessions/:session/runs"'))).toBe(true)
})
