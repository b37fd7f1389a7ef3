import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId } from '@spool/events'
import { enqueue, grantKey } from '@spool/log'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Answer, call, startRun, Watcher } from './support/http.ts'
import { SocketClient } from './support/socket-client.ts'
import { KEY, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

const SECRET = 'a secret of at least thirty-two bytes'
const PAGE = 'https://chat.example.org'
const LIMITS = `
limits:
  tenants:
    tight: { runs: 2, streams: 2, body_bytes: 1024, message_bytes: 100 }
    hasty: { requests_per_second: 1, request_burst: 3 }
    brief: { stream_seconds: 1 }
    brisk: { requests_per_second: 1, request_burst: 5 }
`

/** Its key set is what the issuer shows; while it is away, it does not answer. */
const issuer = { keys: [] as object[], away: false, asked: 0, server: undefined as Server | undefined }

let system: System
/** Takes the tokens of the issuer. */
let other: string
const folder = mkdtempSync(join(tmpdir(), 'spool-limits-'))

beforeAll(async () => {
  writeFileSync(join(folder, 'spool.config.yaml'), LIMITS)
  issuer.server = createServer((_request, response) => {
    issuer.asked++
    if (issuer.away) response.writeHead(500).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: issuer.keys }))
  }).listen(0, '127.0.0.1')
  await once(issuer.server, 'listening')
  const { port } = issuer.server.address() as AddressInfo
  const common = { SPOOL_CONFIG: join(folder, 'spool.config.yaml') }
  system = await startSystem({
    ...common,
    SPOOL_JWT_SECRET: SECRET,
    SPOOL_CORS_ORIGINS: `${PAGE},http://localhost:3000`,
    SPOOL_OPEN_TENANT: 'public',
  })
  for (const tenant of ['tight', 'hasty', 'brief', 'brisk', 'public'])
    await grantKey(system.bus, `key-of-${tenant}`, tenant, 'test')
  other = (
    await system.anotherGateway(undefined, {
      ...common,
      SPOOL_JWT_JWKS_URL: `http://127.0.0.1:${port}/jwks`,
      SPOOL_JWT_ISSUER: 'https://issuer.example.org',
      SPOOL_JWT_AUDIENCE: 'spool',
      SPOOL_JWT_TENANT_CLAIM: 'app.tenant',
    })
  ).url
  for (const url of [system.url, other])
    await until(async () => (await call(url, '/v1/sessions', { key: 'key-of-brief' })).status === 200, 'the keys count')
})
afterAll(async () => {
  await system?.stop()
  issuer.server?.close()
  rmSync(folder, { recursive: true, force: true })
})

const told = ({ status, json }: Answer) => [status, json['code']]
const runs = (session: string) => `/v1/sessions/${session}/runs`
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds

function token(claims: Record<string, unknown> = {}, secret = SECRET, alg = 'HS256'): Promise<string> {
  return new SignJWT({ tenant: 'default', sub: 'ada', exp: inSeconds(60), ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret))
}

const startUnder = (key: string | null, session: string, body: object = {}) =>
  call(system.url, runs(session), { key, body: { message: 'Hi', ...body } })

const runUnder = (key: string | null, body: object = {}, session: string = randomUUID()) =>
  startUnder(key, session, body)

const userOf = (run: unknown) => system.orchestrator.taken.find(({ request }) => request.run === run)?.request.user

test('a token acts for its tenant, in the name of its user', async () => {
  const key = await token()
  const session = randomUUID()
  const started = await runUnder(key, {}, session)
  expect([started.status, userOf(started.json['run'])]).toEqual([202, 'ada'])
  expect((await runUnder(key, { metadata: { user: 'ada', mood: 'good' } })).status).toBe(202)
  expect(told(await runUnder(key, { metadata: { user: 'bob' } }))).toEqual([403, 'forbidden'])
  const elsewhere = await call(system.url, `/v1/sessions/${session}`, { key: await token({ tenant: 'other' }) })
  expect(told(elsewhere)).toEqual([404, 'session_not_found'])
})

test('with a token one sees and forgets the memories of its user alone', async () => {
  const asked: unknown[] = []
  const answering = (answer: object) => (question: unknown) => {
    asked.push(question)
    return answer
  }
  system.persistence.answers.set('memories', answering({ memories: [], next: null }))
  system.persistence.answers.set('forget', answering({ forgotten: 1 }))
  const key = await token({ scope: 'read run erase' })
  const memories = (query: string, method = 'GET') => call(system.url, `/v1/memories${query}`, { key, method })
  await memories('')
  await memories('?user=ada')
  await memories('/m', 'DELETE')
  await memories('', 'DELETE')
  expect(asked).toMatchObject([
    { user: 'ada' },
    { user: 'ada' },
    { ids: ['m'], user: 'ada' },
    { user: 'ada', tenant: 'default' },
  ])
  expect(told(await memories('?user=bob'))).toEqual([403, 'forbidden'])
  expect(told(await memories('?user=bob', 'DELETE'))).toEqual([403, 'forbidden'])
})

test('a token is good for what it says', async () => {
  const session = newId()
  const reader = await token({ scope: 'read' })
  expect(told(await startUnder(reader, session))).toEqual([403, 'forbidden'])
  expect(told(await call(system.url, `/v1/sessions/${session}`, { key: await token(), method: 'DELETE' }))).toEqual([
    403,
    'forbidden',
  ])
})

test('a token that is not right is refused, and says why', async () => {
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(
    JSON.stringify({ tenant: 'default', sub: 'ada', exp: inSeconds(60) }),
  ).toString('base64url')}.`
  const wrong: [string, RegExp][] = [
    [await token({ exp: inSeconds(-31) }), /expired/],
    [await token({ exp: undefined }), /exp/],
    [await token({ nbf: inSeconds(60) }), /nbf/],
    [await token({ tenant: 'a.b' }), /tenant/],
    [await token({ sub: undefined }), /sub/],
    [await token({}, 'another secret of at least thirty-two bytes'), /signature/],
    [await token({}, SECRET, 'HS384'), /signed in a way/],
    [unsigned, /signed in a way/],
  ]
  for (const [key, reason] of wrong) {
    const answer = await call(system.url, '/v1/sessions', { key })
    expect(told(answer)).toEqual([401, 'invalid_token'])
    expect(answer.json['detail']).toMatch(reason)
  }
  expect((await call(system.url, '/v1/sessions', { key: await token({ exp: inSeconds(-20) }) })).status).toBe(200)
  expect(told(await call(other, '/v1/sessions', { key: await token() }))).toEqual([401, 'invalid_token'])
})

test('a stream ends when its token does, and so does one that a ticket of that token has opened', async () => {
  const session = randomUUID()
  await runUnder(await token(), {}, session)
  // The clock of its issuer may be wrong by 30 s.
  const key = await token({ exp: inSeconds(-28) })
  const made = await call(system.url, '/v1/tickets', { key, body: { session } })
  const path = `/v1/sessions/${session}/events`
  const open = await Promise.all([
    Watcher.open(system.url, path, { key }),
    Watcher.open(other, `${path}?ticket=${made.json['ticket']}`, { key: null }),
  ])
  expect(open.map(({ status }) => status)).toEqual([200, 200])
  expect(await Promise.all(open.map(({ over }) => over))).toEqual([false, false])
})

test('what an issuer signs is taken; while it is away nobody can say at first, and then the known keys go on', async () => {
  const [first, second] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('ES256')])
  const shown = async (pair: typeof first, kid: string, alg: string) => ({
    ...(await exportJWK(pair.publicKey)),
    kid,
    alg,
    use: 'sig',
  })
  const signed = (pair: typeof first, kid: string, alg: string, claims: object = {}) =>
    new SignJWT({ app: { tenant: 'default' }, iss: 'https://issuer.example.org', aud: ['spool', 'x'], ...claims })
      .setProtectedHeader({ alg, kid })
      .setSubject('ada')
      .setExpirationTime('1 min')
      .sign(pair.privateKey)
  const ask = async (key: Promise<string>) => told(await call(other, '/v1/sessions', { key: await key }))
  issuer.away = true
  const before = await call(other, '/v1/sessions', { key: await signed(first, 'one', 'RS256') })
  expect([...told(before), before.headers['retry-after']]).toEqual([503, 'unavailable', '1'])
  expect((await call(other, '/v1/sessions')).status).toBe(200)
  issuer.away = false
  issuer.keys = [await shown(first, 'one', 'RS256')]
  // What failed a moment ago is not asked again at once.
  await until(async () => (await ask(signed(first, 'one', 'RS256')))[0] === 200, 'the key is taken')
  const { asked } = issuer
  expect(await ask(signed(first, 'one', 'RS256'))).toEqual([200, undefined])
  expect(issuer.asked).toBe(asked)
  expect(await ask(signed(first, 'one', 'RS256', { aud: 'another' }))).toEqual([401, 'invalid_token'])
  expect(await ask(signed(first, 'one', 'RS256', { iss: 'https://evil.example.org' }))).toEqual([401, 'invalid_token'])
  expect(await ask(signed(second, 'one', 'ES256'))).toEqual([401, 'invalid_token'])
  // The public key is no secret, and no token that is signed with it as if it were one is taken.
  const { n } = await exportJWK(first.publicKey)
  expect(await ask(token({ app: { tenant: 'default' } }, n!))).toEqual([401, 'invalid_token'])
  issuer.away = true
  expect(await ask(signed(first, 'one', 'RS256'))).toEqual([200, undefined])
})

test('a page of an origin that is named can read every answer, also one that refuses it', async () => {
  const headers = { origin: PAGE }
  const session = randomUUID()
  const open = await Watcher.open(system.url, runs(session), { body: { message: 'Hi' }, headers })
  await open.over
  const answers = await Promise.all([
    call(system.url, '/v1/sessions', { headers }),
    call(system.url, '/v1/sessions', { headers, key: 'wrong' }),
    call(system.url, '/v1/nothing', { headers }),
    call(system.url, `/v1/sessions/${newId()}`, { headers }),
  ])
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 404, 404])
  for (const answer of [...answers, open]) {
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-expose-headers': expect.stringContaining('x-spool-run'),
      vary: expect.stringContaining('origin'),
    })
  }
  const asking = { ...headers, 'access-control-request-method': 'POST' }
  for (const path of [runs(session), '/chat/stream']) {
    const beforehand = await call(system.url, path, { method: 'OPTIONS', headers: asking, key: null })
    expect([beforehand.status, beforehand.text]).toEqual([204, ''])
    expect(beforehand.headers['access-control-allow-headers']).toContain('authorization')
  }
  const evil = await call(system.url, '/v1/sessions', { headers: { origin: 'https://evil.example.org' } })
  expect(evil.headers['access-control-allow-origin']).toBeUndefined()
  expect((await call(other, '/v1/sessions', { headers })).headers['access-control-allow-origin']).toBeUndefined()
})

test('without a key one can chat as the open tenant, in a session whose id nobody can guess', async () => {
  const session = randomUUID()
  expect((await runUnder(null, {}, session)).status).toBe(202)
  const without = { key: null }
  const watcher = await Watcher.open(system.url, `/v1/sessions/${session}/events`, without)
  await watcher.untilType('run.completed')
  watcher.cut()
  expect((await call(system.url, `/v1/sessions/${session}/messages`, without)).status).toBe(200)
  expect(told(await startUnder(null, 'hello'))).toEqual([403, 'forbidden'])
  expect(told(await runUnder(null, { metadata: { user: 'ada' } }))).toEqual([403, 'forbidden'])
  const made = await call(system.url, '/chat/stream', { ...without, body: { message: 'Hi' } })
  expect([made.status, made.headers['x-spool-session']]).toEqual([200, expect.stringMatching(/^[0-9a-f-]{36}$/)])
  // A session of the same id under a key is that tenant's own.
  expect(told(await call(system.url, `/v1/sessions/${session}`))).toEqual([404, 'session_not_found'])
  const warned = system.logLines.filter((line) => line.includes('WITHOUT A KEY'))
  expect(warned.map((line) => JSON.parse(line))).toMatchObject([{ level: 'warn', tenant: 'public' }])
})

test('without a key nobody is shown what a model was told beside the conversation', async () => {
  const session = randomUUID()
  expect((await runUnder(null, {}, session)).status).toBe(202)
  const path = `/v1/sessions/${session}/events`
  const watcher = await Watcher.open(system.url, path, { key: null })
  await watcher.untilType('run.completed')
  const beside = { instructions: 'hush', tools: [{ name: 'hush', input_schema: {} }], context: 'hush', blob: 'hush' }
  const memories = [{ id: 'm', text: 'hush' }]
  const at = new Date().toISOString()
  const asked = { v: 1, run: 'r', message: 'm', purpose: 'answer', model: 'x/y', at, ...beside, memories }
  const body = JSON.stringify({ type: 'message.requested', ...asked })
  const seq = await system.orchestrator.appendRaw({ tenant: 'public', session }, 'message.requested', body)
  await until(() => watcher.raw.includes(`"seq":${seq},`), 'it is followed')
  const page = await call(system.url, path, { key: null, headers: { accept: 'application/json' } })
  const socket = await SocketClient.open(system.url, { key: null })
  await socket.ask({ op: 'follow', session })
  await socket.until(({ event }) => event?.seq === seq)
  for (const shown of [watcher.raw, page.text, JSON.stringify(socket.messages)]) {
    expect(shown).toMatch(new RegExp(`"model":"x/y".*"seq":${seq},`))
    expect(shown).not.toContain('hush')
  }
  watcher.cut()
  socket.close()
  const ours = { key: 'key-of-public', headers: { accept: 'application/json' } }
  expect((await call(system.url, path, ours)).text).toContain('"instructions":"hush"')
})

test('without a key a page has to be ours to open a WebSocket', async () => {
  const address = `${system.url}/v1/ws`
  const evil = { origin: 'https://evil.example.org' }
  for (const origin of [PAGE, system.url]) expect(await statusOfSocket(address, { origin })).toBe(101)
  for (const foreign of [evil, { origin: 'null' }]) expect(await statusOfSocket(address, foreign)).toBe(403)
  const session = randomUUID()
  const { json } = await call(system.url, '/v1/tickets', { body: { session } })
  expect(await statusOfSocket(`${address}?ticket=${String(json['ticket'])}`, evil)).toBe(101)
})

async function statusOfSocket(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const socket = new WebSocket(url.replace('http', 'ws'), { headers })
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]) => (response as IncomingMessage).statusCode ?? 0),
  ])
  socket.on('error', () => undefined).terminate()
  return status
}

test.for([
  ['GET', '/v1/sessions'],
  ['GET', '/v1/search?q=a'],
  ['GET', '/v1/memories'],
  ['DELETE', '/v1/memories?user=ada'],
  ['GET', '/v1/status'],
  ['GET', '/v1/agents'],
  ['POST', '/v1/tickets'],
  ['POST', '/v1/sessions/:session/fork'],
  ['POST', '/v1/sessions/:session/messages'],
  ['DELETE', '/v1/sessions/:session'],
  ['GET', '/v1/sessions/:session/messages/m/raw'],
  ['GET', '/v1/sessions/:session/messages?raw=true'],
  ['POST', '/api/v1/agents/default/chat/stream'],
])('without a key, also where there is an open tenant, %s %s is refused', async ([method, path]) => {
  const answer = await call(system.url, path!.replace(':session', randomUUID()), { key: null, method: method! })
  expect(told(answer)).toEqual([401, 'missing_key'])
})

test('a wrong key is never as good as none, and elsewhere nothing is open', async () => {
  const path = `/v1/sessions/${randomUUID()}/messages`
  expect(told(await call(system.url, path, { key: 'wrong' }))).toEqual([401, 'invalid_key'])
  expect(told(await call(system.url, path, { key: null, headers: { authorization: 'Basic eDp5' } }))).toEqual([
    401,
    'missing_key',
  ])
  expect(told(await call(other, path, { key: null }))).toEqual([401, 'missing_key'])
})

test('a tenant that asks too often is told when it may again, and others are not', async () => {
  const ask = () => call(system.url, '/v1/sessions', { key: 'key-of-hasty', headers: { origin: PAGE } })
  const answers = await Promise.all(Array.from({ length: 8 }, ask))
  const refused = answers.filter(({ status }) => status !== 200)
  expect(refused.length).toBeGreaterThanOrEqual(4)
  for (const one of refused) {
    expect(told(one)).toEqual([429, 'too_many_requests'])
    expect(one.headers).toMatchObject({ 'retry-after': '1', 'access-control-allow-origin': PAGE })
  }
  expect((await call(system.url, '/v1/sessions')).status).toBe(200)
})

test('one stream too many is refused before anything is begun', async () => {
  const key = 'key-of-tight'
  const session = newId()
  await (
    await startRun(system.url, session, { message: 'Hi' }, { authorization: `Bearer ${key}` })
  ).over
  const path = `/v1/sessions/${session}/events`
  const first = await Watcher.open(system.url, path, { key })
  const second = await Watcher.open(system.url, path, { key })
  const taken = system.orchestrator.taken.length
  for (const options of [{ key }, { key, body: { message: 'Hi' } }]) {
    const third = await Watcher.open(system.url, 'body' in options ? runs(session) : path, options)
    await third.over
    expect([third.status, third.headers['retry-after'], JSON.parse(third.raw).code]).toEqual([
      429,
      '5',
      'too_many_streams',
    ])
  }
  expect(system.orchestrator.taken.length).toBe(taken)
  first.cut()
  await until(async () => {
    const third = await Watcher.open(system.url, path, { key })
    third.cut()
    return third.status === 200
  }, 'there is room again')
  second.cut()
})

test('a WebSocket is a stream, each session that it follows is one, and each of its messages a request', async () => {
  const headers = { authorization: 'Bearer key-of-tight' }
  const session = newId()
  await (
    await startRun(system.url, session, { message: 'Hi' }, headers)
  ).over
  const client = await SocketClient.open(system.url, { key: 'key-of-tight' })
  for (let times = 0; times < 3; times++) {
    // One that cannot be followed takes no place.
    expect((await client.ask({ op: 'follow', session: newId() })).error).toMatchObject({ code: 'session_not_found' })
  }
  expect((await client.ask({ op: 'follow', session })).ok).toMatchObject({ session })
  expect((await client.ask({ op: 'follow', session: newId() })).error).toMatchObject({ code: 'too_many_streams' })
  expect(await statusOfSocket(`${system.url}/v1/ws`, headers)).toBe(429)
  client.socket.send(JSON.stringify({ op: 'run', session, message: 'x'.repeat(1100) }))
  expect((await client.until(({ re }) => re === null)).error).toMatchObject({ code: 'body_too_large' })
  client.close()
  await until(async () => (await statusOfSocket(`${system.url}/v1/ws`, headers)) === 101, 'there is room again')
  const hasty = await SocketClient.open(system.url, { key: 'key-of-brisk' })
  for (let left = 10; left > 0; left--) hasty.socket.send('rubbish')
  await hasty.until(({ error }) => error?.code === 'too_many_requests')
  hasty.close()
})

const startInTight = () => startUnder('key-of-tight', newId())

test('one run too many is refused, until one has ended', async () => {
  const keyed = { key: 'key-of-tight', headers: { 'idempotency-key': 'again' }, body: { message: 'Hi' } }
  const first = runs(newId())
  let run: unknown
  await until(async () => (run = (await call(system.url, first, keyed)).json['run']) !== undefined, 'it is started')
  let open = 2
  system.persistence.answers.set('open_runs', () => ({ open }))
  await until(async () => (await startInTight()).status === 429, 'one is too many')
  const refused = await startInTight()
  expect([...told(refused), refused.headers['retry-after']]).toEqual([429, 'too_many_runs', '2'])
  const begun = await call(system.url, `/v1/sessions/${newId()}/messages`, {
    key: 'key-of-tight',
    body: { role: 'assistant' },
  })
  expect(told(begun), 'a producer’s is a run, too').toEqual([429, 'too_many_runs'])
  // It was started before, and nothing new is.
  expect((await call(system.url, first, keyed)).json['run']).toBe(run)
  expect(told(await call(system.url, runs(newId()), keyed))).toEqual([429, 'too_many_runs'])
  open = 0
  await until(async () => (await startInTight()).status === 202, 'one has ended')
  system.persistence.answers.delete('open_runs')
})

test('runs that have ended are not in the way of the next', async () => {
  system.persistence.answers.set('open_runs', () => ({ open: 0 }))
  const statuses: number[] = []
  for (let left = 5; left > 0; left--) statuses.push((await startInTight()).status)
  system.persistence.answers.delete('open_runs')
  expect(statuses).toEqual([202, 202, 202, 202, 202])
})

test('what a tenant may send can be less than what all may', async () => {
  const key = 'key-of-tight'
  expect(told(await startUnder(key, newId(), { message: 'x'.repeat(100) }))).toEqual([413, 'message_too_large'])
  expect(told(await startUnder(key, newId(), { message: 'x'.repeat(1100) }))).toEqual([413, 'body_too_large'])
  expect((await startUnder('key-of-brief', newId(), { message: 'x'.repeat(1100) })).status).toBe(202)
})

test('a stream that has been open for long enough ends with the reason and the place to come back to', async () => {
  const session = newId()
  const key = 'key-of-brief'
  await (
    await startRun(system.url, session, { message: 'Hi' }, { authorization: `Bearer ${key}` })
  ).over
  const watcher = await Watcher.open(system.url, `/v1/sessions/${session}/events`, { key })
  expect(await watcher.over).toBe(true)
  const last = watcher.frames.at(-1)!
  const cursor = watcher.frames.findLast(({ id }) => id !== undefined)!.id
  expect([last.event, JSON.parse(last.data)]).toEqual(['limit', { reason: 'stream_duration', cursor }])
  expect(last.id).toBeUndefined()
})

test('where the queues are full, everything that goes through them is told so at once, and when to try again', async () => {
  await system.orchestrator.stop()
  const { streams } = system.bus.jsm
  await Promise.all([enqueue(system.log, 'intake.0.x.x.x', '{}'), enqueue(system.log, 'control.0.x.x.cancel.x', '{}')])
  for (const name of ['INTAKE', 'CONTROL']) await streams.update(name, { max_msgs: 1 })
  const at = Date.now()
  const answers = await Promise.all([
    startUnder(KEY, newId()),
    call(system.url, '/chat/stream', { body: { message: 'Hi' } }),
    call(system.url, '/chat', { body: { message: 'Hi' } }),
    call(system.url, '/api/v1/chat/stream', { body: { message: 'Hi' } }),
    call(system.url, `/v1/sessions/s/runs/r/cancel`, { method: 'POST' }),
    call(system.url, `/v1/sessions/s/confirmations/c`, { body: { action: 'confirm' } }),
    call(system.url, `/v1/sessions/s/fork`, { body: {} }),
  ])
  for (const answer of answers)
    expect([...told(answer), answer.headers['retry-after']]).toEqual([503, 'overloaded', '5'])
  expect(Date.now() - at).toBeLessThan(5000)
})
