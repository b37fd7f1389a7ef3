import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { newId } from '@spool/events'
import { startTcpProxy } from '@spool/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { ClientSocket } from '../src/socketing/client-socket.ts'
import { call, chainFault } from './support/http.ts'
import { questionOf } from './support/question.ts'
import { SocketClient } from './support/socket-client.ts'
import { KEY, OTHER_KEY, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System

beforeAll(async () => {
  system = await startSystem()
})

afterAll(() => system.stop())

const run = (session: string, message = 'hello') =>
  call(system.url, `/v1/sessions/${session}/runs`, { body: { message }, headers: { prefer: 'wait=10' } })

describe('over one WebSocket', () => {
  test('any number of sessions are followed, each an unbroken chain from its cursor on', async () => {
    const client = await SocketClient.open(system.url)
    const sessions = Array.from({ length: 20 }, () => newId())
    await Promise.all(sessions.map((session) => run(session)))
    const followed = await Promise.all(sessions.map((session) => client.ask({ op: 'follow', session })))
    expect(followed.map(({ ok }) => ok)).toEqual(sessions.map((session) => ({ session, after: '0' })))
    await Promise.all(sessions.map((session) => run(session)))
    for (const session of sessions) {
      const ended = () => client.eventsOf(session).filter(({ type }) => type === 'run.completed').length === 2
      await until(ended, 'both runs have ended')
      expect(chainFault(client.eventsOf(session))).toBeNull()
    }
    const [first] = sessions
    const middle = client.messages.find(({ session, event }) => session === first && event?.type === 'run.completed')!
    client.close()
    const back = await SocketClient.open(system.url)
    await back.ask({ op: 'follow', session: first, after: middle.id })
    await back.untilType(first!, 'run.completed')
    expect(chainFault(back.eventsOf(first!), middle.event!.seq)).toBeNull()
    back.close()
  })

  test('an event is the same as over SSE', async () => {
    const session = newId()
    await run(session)
    const client = await SocketClient.open(system.url)
    await client.ask({ op: 'follow', session })
    await client.untilType(session, 'run.completed')
    const { json } = await call(system.url, `/v1/sessions/${session}/events`, {
      headers: { accept: 'application/json' },
    })
    expect(client.eventsOf(session)).toEqual(json['events'])
    client.close()
  })

  test('a run is started, answered and cancelled, and who follows sees all of it', async () => {
    const session = newId()
    const held = Promise.withResolvers<void>()
    system.orchestrator.answers = async function* () {
      yield 'one'
      await held.promise
      yield 'two'
    }
    const client = await SocketClient.open(system.url)
    const started = await client.ask({ op: 'run', session, message: 'hello', idempotency_key: 'k1' })
    expect(started.ok).toMatchObject({ session, run: expect.any(String), cursor: '0' })
    const again = await client.ask({ op: 'run', session, message: 'hello', idempotency_key: 'k1' })
    expect(again.ok).toEqual(started.ok)
    await client.ask({ op: 'follow', session, after: started.ok!['cursor'] })
    await client.untilType(session, 'text.delta')
    const cancelled = await client.ask({ op: 'cancel', session, run: started.ok!['run'] })
    expect(cancelled.ok).toMatchObject({ run: started.ok!['run'], status: 'cancelled' })
    await client.untilType(session, 'run.cancelled')
    expect(chainFault(client.eventsOf(session))).toBeNull()
    held.resolve()
    system.orchestrator.answers = () => ['Hello']
    client.close()
  })

  test('a question is answered, and the log says by which way', async () => {
    const session = newId()
    const ref = { tenant: 'default', session }
    system.orchestrator.confirm = async (request) => {
      const seq = await system.orchestrator.append(ref, 'confirmation.resolved', {
        run: 'r',
        confirmation: request.confirmation!,
        action: request.action,
        by: request.by,
        via: request.via,
      })
      return { ok: true, run: 'r', seq, epoch: system.log.epochOf(ref), first: 1, status: request.action }
    }
    await run(session)
    await system.orchestrator.append(ref, 'confirmation.requested', questionOf('r', 'c1'))
    const client = await SocketClient.open(system.url)
    await client.ask({ op: 'follow', session })
    const asked = await client.untilType(session, 'confirmation.requested')
    const confirmation = asked.event!['confirmation']
    const refused = await client.ask({ op: 'confirm', session, confirmation, action: 'modify' })
    expect(refused.error).toMatchObject({ status: 400, code: 'confirmation_needs_text' })
    const answered = await client.ask({ op: 'confirm', session, confirmation, action: 'confirm' })
    expect(answered.ok).toMatchObject({ confirmation: 'c1', status: 'accepted' })
    const resolved = await client.untilType(session, 'confirmation.resolved')
    expect(resolved.event).toMatchObject({ via: 'websocket', by: 'user' })
    client.close()
  })

  test('what was unfollowed is silent, and can be followed again', async () => {
    const session = newId()
    await run(session)
    const client = await SocketClient.open(system.url)
    await client.ask({ op: 'follow', session })
    expect((await client.ask({ op: 'follow', session })).error).toMatchObject({ code: 'already_followed' })
    await client.untilType(session, 'run.completed')
    await client.ask({ op: 'unfollow', session })
    const seen = client.eventsOf(session).length
    await run(session)
    await client.ask({ op: 'unfollow', session })
    expect(client.eventsOf(session)).toHaveLength(seen)
    const last = client.messages.findLast((message) => message.event !== undefined)!
    await client.ask({ op: 'follow', session, after: last.id })
    await until(() => client.eventsOf(session).length > seen, 'it goes on')
    expect(chainFault(client.eventsOf(session))).toBeNull()
    client.close()
  })

  test('rubbish is refused one by one, and the connection stays', async () => {
    const client = await SocketClient.open(system.url)
    for (const rubbish of ['', 'null', '[]', '{', '"follow"', '{"op":"drop"}', '{"op":"follow","session":"a b"}']) {
      const before = client.messages.length
      client.socket.send(rubbish)
      await until(() => client.messages.length > before, `an answer to ${rubbish}`)
      expect(client.messages.at(-1)).toMatchObject({ error: { status: 400, detail: expect.any(String) } })
    }
    client.socket.send(Buffer.from([1, 2, 3]))
    await until(() => client.messages.length === 8, 'an answer to bytes')
    const unknown = await client.ask({ op: 'follow', session: newId() })
    expect(unknown.error).toMatchObject({ status: 404, code: 'session_not_found' })
    const cursor = await client.ask({ op: 'follow', session: newId(), after: 'x' })
    expect(cursor.error).toMatchObject({ status: 400, code: 'malformed_cursor' })
    client.close()
  })

  test('what is nested too deep is refused', async () => {
    const client = await SocketClient.open(system.url)
    const [open, close] = ['['.repeat(100_000), ']'.repeat(100_000)]
    client.socket.send(`{"id":"deep","op":"run","session":"s","message":"Hi","metadata":{"a":${open}${close}}}`)
    await until(() => client.messages.length === 1, 'an answer')
    expect(client.messages[0]).toMatchObject({ error: { status: 400, code: 'malformed_json' } })
    client.close()
  })

  test('whoever asks for much at once gets each answer once', async () => {
    const client = await SocketClient.open(system.url)
    const answers = Array.from({ length: 2000 }, () => client.ask({ op: 'unfollow', session: 'none' }))
    for (const { ok } of await Promise.all(answers)) expect(ok).toEqual({ session: 'none' })
    expect(client.messages.length).toBe(2000)
    client.close()
  })

  test('a lost cursor is reset, and goes on from there', async () => {
    const session = newId()
    await run(session)
    const client = await SocketClient.open(system.url)
    await client.ask({ op: 'follow', session, after: '1-987654321' })
    const reset = await client.until((message) => message.reset !== undefined)
    expect(reset).toMatchObject({ session, id: reset.reset!.cursor, reset: { reason: expect.any(String) } })
    await run(session)
    await client.untilType(session, 'run.completed')
    expect(chainFault(client.eventsOf(session), Number(reset.id!.split('-')[1]))).toBeNull()
    client.close()
  })

  test('a client that does not read keeps its place, and has everything once it reads', async () => {
    const session = newId()
    const ref = { tenant: 'default', session }
    await run(session)
    const put = (text: string) => system.orchestrator.appendRaw(ref, 'custom.large', `{"text":"${text}"}`)
    const client = await SocketClient.open(system.url)
    await client.ask({ op: 'follow', session })
    client.socket.pause()
    let last = 0
    for (let left = 50; left > 0; left--) last = await put('x'.repeat(100_000))
    client.socket.resume()
    await client.until(({ event }) => event?.seq === last)
    expect(chainFault(client.eventsOf(session))).toBeNull()
    client.close()
  })
})

/** One that does not read, and what the server has of it. */
async function slowClient() {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const accepted = once(server, 'connection') as Promise<[WebSocket]>
  const slow = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const [socket] = await accepted
  if (slow.readyState !== slow.OPEN) await once(slow, 'open')
  slow.pause()
  const client = new ClientSocket(socket, { tenant: 't', by: 'key', scopes: new Set(), counts: () => true }, 'r')
  return { client, slow, socket, server }
}

test('what waits for a client that does not read is little', async () => {
  const { client, slow, socket, server } = await slowClient()
  const message = Buffer.alloc(16_384, 'x')
  // What the two sockets hold is not ours.
  while (client.send(message)) await new Promise(setImmediate)
  expect(socket.bufferedAmount).toBeLessThan(200_000)
  slow.terminate()
  server.close()
})

test('an answer that its client does not take is still under way', async () => {
  const { client, slow, server } = await slowClient()
  const told: Promise<void>[] = []
  let taken = 0
  for (let isTaken = true; isTaken;) {
    const answer = client.tell({ ok: 'x'.repeat(100_000) }).then(() => void taken++)
    told.push(answer)
    isTaken = await Promise.race([answer.then(() => true), pause(100).then(() => false)])
  }
  expect(taken).toBe(told.length - 1)
  slow.resume()
  await Promise.all(told)
  const left = client.tell({ ok: 'x'.repeat(10_000_000) })
  slow.terminate()
  await left
  await client.tell({})
  server.close()
})

test('the program that the documentation shows has its whole answer, also where its connection is cut', async () => {
  const document = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')
  const [, program = ''] = /```js\n(\/\/ Node 22.*?new WebSocket.*?)```/s.exec(document) ?? []
  const proxy = await startTcpProxy({ port: Number(new URL(system.url).port) })
  const half = Promise.withResolvers<void>()
  system.orchestrator.answers = async function* () {
    yield 'one '
    await half.promise
    yield 'two'
  }
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { ...process.env, SPOOL_URL: `http://127.0.0.1:${proxy.port}`, SPOOL_KEY: KEY },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  const exited = once(child, 'exit')
  await until(() => said === 'one ', 'the first half is there')
  proxy.cutAll()
  half.resolve()
  expect(await exited).toEqual([0, null])
  expect(said).toBe('one two')
  await proxy.stop()
  system.orchestrator.answers = () => ['Hello']
})

describe('who may', () => {
  test('nobody without a key, and without an upgrade the address says what it speaks', async () => {
    await expect(SocketClient.open(system.url, { key: null })).rejects.toThrow(/401/)
    await expect(SocketClient.open(system.url, { key: 'wrong' })).rejects.toThrow(/401/)
    const { status, headers, json } = await call(system.url, '/v1/ws')
    expect([status, headers['upgrade'], json['code']]).toEqual([426, 'websocket', 'upgrade_required'])
  })

  test('whoever asks for something else than a WebSocket in passing is answered as if not', async () => {
    const wish = 'host: h\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n'
    const head = `POST /v1/sessions/${newId()}/runs HTTP/1.1\r\n${wish}authorization: Bearer ${KEY}\r\n`
    const socket = connect(Number(new URL(system.url).port), '127.0.0.1')
    socket.write(`${head}content-type: application/json\r\ncontent-length: 16\r\n\r\n{"message":"Hi"}`)
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 202 /)
    socket.destroy()
  })

  test('who is refused does not keep the connection', async () => {
    const socket = connect({ port: Number(new URL(system.url).port), host: '127.0.0.1', allowHalfOpen: true })
    socket.write('GET /v1/ws HTTP/1.1\r\nhost: h\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
    const [answer] = (await once(socket, 'data')) as [Buffer]
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401 /)
    await once(socket, 'end')
    // Ours is open still, and nobody reads what it says.
    await until(() => !socket.write('x') || socket.destroyed, 'the connection is gone')
    socket.destroy()
  })

  test('the same session of another tenant is another session', async () => {
    const session = newId()
    await run(session)
    const other = await SocketClient.open(system.url, { key: OTHER_KEY })
    expect((await other.ask({ op: 'follow', session })).error).toMatchObject({ code: 'session_not_found' })
    other.close()
  })

  test('a key that is taken back closes its connections', async () => {
    const [client, busy] = await Promise.all([1, 2].map(() => SocketClient.open(system.url, { key: OTHER_KEY })))
    busy!.socket.pause()
    await system.revokeKey(OTHER_KEY)
    expect(await client!.closed).toMatchObject({ code: 1008 })
    // It has not heard yet, and goes on.
    busy!.socket.send(JSON.stringify({ op: 'run', session: newId(), message: 'of a key that was taken back' }))
    const known = await SocketClient.open(system.url)
    await known.ask({ op: 'run', session: newId(), message: 'Hi' })
    busy!.socket.resume()
    await busy!.closed
    known.close()
    expect(JSON.stringify(system.orchestrator.taken)).not.toContain('of a key that was taken back')
  })
})

test('a server that ends says when to come back, and another one goes on', async () => {
  const session = newId()
  await run(session)
  const leaving = await system.anotherGateway()
  const client = await SocketClient.open(leaving.url, { key: KEY })
  await client.ask({ op: 'follow', session })
  const last = await client.untilType(session, 'run.completed')
  await leaving.stop()
  expect(await client.closed).toMatchObject({ code: 1012 })
  expect(client.messages.at(-1)).toEqual({ retry: expect.any(Number) })
  await run(session)
  const back = await SocketClient.open(system.url)
  await back.ask({ op: 'follow', session, after: last.id })
  await back.untilType(session, 'run.completed')
  expect(chainFault(back.eventsOf(session), last.event!.seq)).toBeNull()
  back.close()
})
