import { newId } from '@spool/events'
import { grantKey, hashKey, revokeKey, type Scope } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, call, startRun, Watcher } from './support/http.ts'
import { KEY, OTHER_KEY, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
let elsewhere: string
beforeAll(async () => {
  system = await startSystem()
  elsewhere = (await system.anotherGateway()).url
})
afterAll(() => system?.stop())

const told = ({ status, json }: Answer) => [status, json['code']]

async function keyWith(scopes: readonly Scope[], expires?: string): Promise<string> {
  const key = newId()
  await grantKey(system.bus, key, 'default', 'test', { scopes, ...(expires !== undefined && { expires }) })
  for (const url of [system.url, elsewhere])
    await until(async () => (await call(url, '/v1/sessions', { key })).status !== 401, 'the key counts')
  return key
}

async function sessionThere(): Promise<string> {
  const session = newId()
  await (
    await startRun(system.url, session, { message: 'Hi' })
  ).over
  return session
}

const ticketFor = async (session: string, scopes?: readonly Scope[], key?: string) =>
  (await call(system.url, '/v1/tickets', { body: { session, scopes }, ...(key !== undefined && { key }) })).json[
    'ticket'
  ] as string

test('a key does what its scopes say, and is told which one is missing', async () => {
  const session = await sessionThere()
  const [reader, runner] = await Promise.all([keyWith(['read']), keyWith(['run'])])
  const run = { body: { message: 'Hi' } }
  expect(told(await call(system.url, `/v1/sessions/${session}/messages`, { key: reader }))).toEqual([200, undefined])
  const refused = await call(system.url, `/v1/sessions/${session}/runs`, { key: reader, ...run })
  expect(told(refused)).toEqual([403, 'forbidden'])
  expect(refused.json['detail']).toContain('"run"')
  expect((await call(system.url, `/v1/sessions/${session}/runs`, { key: runner, ...run })).status).toBe(202)
  expect(told(await call(system.url, `/v1/sessions/${session}/messages`, { key: runner }))).toEqual([403, 'forbidden'])
  expect(told(await call(system.url, `/v1/sessions/${session}`, { key: runner, method: 'DELETE' }))).toEqual([
    403,
    'forbidden',
  ])
  const nothing = await keyWith([])
  expect(told(await call(system.url, `/v1/sessions/${session}`, { key: nothing }))).toEqual([403, 'forbidden'])
})

test('a ticket opens its session at any gateway, to be read, and nothing else', async () => {
  const [session, other] = await Promise.all([sessionThere(), sessionThere()])
  const ticket = await ticketFor(session)
  const without = { key: null }
  const watcher = await Watcher.open(elsewhere, `/v1/sessions/${session}/events?ticket=${ticket}`, without)
  await watcher.untilType('run.completed')
  watcher.cut()
  const read = await call(elsewhere, `/v1/sessions/${session}/messages?ticket=${ticket}`, without)
  expect([read.status, read.headers['cache-control']]).toEqual([200, 'no-store'])
  const refused: [string, string][] = [
    ['GET', `/v1/sessions/${other}/events`],
    ['GET', '/v1/sessions'],
    ['GET', '/v1/memories'],
    ['POST', `/v1/sessions/${session}/runs`],
    ['DELETE', `/v1/sessions/${session}`],
    ['POST', '/v1/tickets'],
  ]
  for (const [method, path] of refused) {
    const answer = await call(system.url, `${path}?ticket=${ticket}`, { ...without, method })
    expect([path, ...told(answer)]).toEqual([path, 403, 'forbidden'])
  }
  const forged = await call(system.url, `/v1/sessions/${session}?ticket=${ticket.slice(0, -2)}AA`, without)
  expect(told(forged)).toEqual([401, 'invalid_ticket'])
  expect(told(await call(system.url, `/v1/sessions/${session}?ticket=${ticket}&ticket=x`, without))[0]).toBe(401)
})

test('a ticket does what was asked for it, and never more than the key that it was made with', async () => {
  const session = newId()
  const ticket = await ticketFor(session, ['run', 'read'])
  const started = await call(elsewhere, `/v1/sessions/${session}/runs?ticket=${ticket}`, {
    key: null,
    body: { message: 'Hi' },
  })
  expect(started.status).toBe(202)
  const forked = await call(system.url, `/v1/sessions/${session}/fork?ticket=${ticket}`, { key: null, body: {} })
  expect(told(forked)).toEqual([403, 'forbidden'])
  const named = async (ticketOf: object, metadata: object) => {
    const made = await call(system.url, '/v1/tickets', { body: { session, scopes: ['run'], ...ticketOf } })
    const path = `/v1/sessions/${session}/runs?ticket=${String(made.json['ticket'])}`
    return call(elsewhere, path, { key: null, body: { message: 'Hi', metadata } })
  }
  expect(told(await named({}, { user: 'ada' }))).toEqual([403, 'forbidden'])
  expect(told(await named({ user: 'ada' }, { user: 'bob' }))).toEqual([403, 'forbidden'])
  const { json } = await named({ user: 'ada' }, {})
  expect(system.orchestrator.taken.find(({ request }) => request.run === json['run'])?.request.user).toBe('ada')
  const reader = await keyWith(['read'])
  const more = await call(system.url, '/v1/tickets', { key: reader, body: { session, scopes: ['run'] } })
  expect(told(more)).toEqual([403, 'forbidden'])
  expect(told(await call(system.url, '/v1/tickets', { body: { session: 'a.b' } }))).toEqual([400, 'invalid_body'])
})

test('a ticket of one tenant opens nothing of another', async () => {
  const session = await sessionThere()
  const ticket = await ticketFor(session, ['read'], OTHER_KEY)
  const answer = await call(system.url, `/v1/sessions/${session}?ticket=${ticket}`, { key: null })
  expect(told(answer)).toEqual([404, 'session_not_found'])
})

test('a key that is revoked ends what it has opened, and what its tickets have, at every gateway within 2 s', async () => {
  const session = await sessionThere()
  const key = await keyWith(['read'])
  const ticket = await ticketFor(session, ['read'], key)
  const path = `/v1/sessions/${session}/events`
  const open = await Promise.all([
    ...[system.url, elsewhere].map((url) => Watcher.open(url, path, { key })),
    ...[system.url, elsewhere].map((url) => Watcher.open(url, `${path}?ticket=${ticket}`, { key: null })),
  ])
  const mine = await Watcher.open(elsewhere, path)
  await Promise.all(open.map((watcher) => watcher.untilType('run.completed')))
  const at = Date.now()
  await revokeKey(system.bus, hashKey(key))
  expect(await Promise.all(open.map(({ over }) => over))).toEqual([false, false, false, false])
  expect(Date.now() - at).toBeLessThan(2000)
  for (const url of [system.url, elsewhere]) {
    expect(told(await call(url, `/v1/sessions/${session}`, { key }))).toEqual([401, 'invalid_key'])
    expect(told(await call(url, `${path}?ticket=${ticket}`, { key: null }))).toEqual([401, 'invalid_ticket'])
  }
  mine.cut()
})

test('a key that expires ends what it has opened within 2 s', async () => {
  const session = await sessionThere()
  const expires = new Date(Date.now() + 1500)
  const key = await keyWith(['read'], expires.toISOString())
  const ticket = await ticketFor(session, ['read'], key)
  const path = `/v1/sessions/${session}/events`
  const open = await Promise.all([
    Watcher.open(system.url, path, { key }),
    Watcher.open(elsewhere, `${path}?ticket=${ticket}`, { key: null }),
  ])
  expect(await Promise.all(open.map(({ over }) => over))).toEqual([false, false])
  const late = Date.now() - expires.getTime()
  expect(late).toBeGreaterThanOrEqual(0)
  expect(late).toBeLessThan(2000)
})

test('no log line has a ticket or a key in it', async () => {
  const ticket = await ticketFor(await sessionThere())
  await call(system.url, `/v1/nothing?ticket=${ticket}`, { key: null })
  await call(system.url, `/v1/sessions/s?ticket=${ticket}`, { key: null })
  const logged = system.logLines.join('')
  expect(logged).not.toContain(ticket.slice(0, 40))
  expect(logged).not.toContain(KEY)
})
