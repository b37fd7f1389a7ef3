import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { WebhookSettings } from '@spool/config'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { OutcomeUnknown } from '../src/tools/outcome-unknown.ts'
import type { ToolError } from '../src/tools/tool-error.ts'
import { sign } from '../src/tools/webhooks/sign.ts'
import { Webhooks } from '../src/tools/webhooks/webhooks.ts'
import { recordedLog } from './support/recorded-log.ts'
import { toolContext } from './support/tool-context.ts'

const secret = 'a secret that nobody may see'
const env = { WEBHOOK_SECRET: secret }

type Answering = (response: ServerResponse, request: IncomingMessage) => void

interface Endpoint {
  readonly url: string
  readonly requests: { method: string; headers: IncomingHttpHeaders; body: string }[]
}

/** The nth request gets the nth answer, and the last one all that follow. */
async function endpoint(...answers: Answering[]): Promise<Endpoint> {
  const requests: Endpoint['requests'] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    requests.push({ method: request.method!, headers: request.headers, body })
    answers[Math.min(requests.length, answers.length) - 1]!(response, request)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tools`, requests }
}

const answer =
  (status: number, body = '', headers = {}): Answering =>
  (response) =>
    response.writeHead(status, headers).end(body)

/** Looks at it, and then the line is dead. */
const breakOff: Answering = (_, request) => request.socket.destroy()

const beginAndBreakOff: Answering = (response) => {
  response.writeHead(200, { 'content-length': 100 }).write('half')
  response.socket!.destroySoon()
}

const stayAway: Answering = () => {}

const wantAnotherProtocol: Answering = (_, { socket }) =>
  socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')

const settingsOf = (changes: Partial<WebhookSettings>): WebhookSettings => ({
  name: 'book_room',
  description: 'Books a room.',
  url: 'http://127.0.0.1:1/',
  inputSchema: { type: 'object', properties: { room: { type: 'string' } }, required: ['room'] },
  secretEnv: 'WEBHOOK_SECRET',
  timeoutMs: 20_000,
  repeatable: false,
  ...changes,
})

const webhook = (url: string, changes: Partial<WebhookSettings> = {}) =>
  new Webhooks([settingsOf({ url, ...changes })], env, recordedLog().logger).tools()[0]!

const failureOf = (promise: Promise<unknown>): Promise<ToolError> =>
  promise.then(
    (output) => {
      throw new Error(`It should have failed, but gave ${JSON.stringify(output)}`)
    },
    (error: ToolError) => error,
  )

test('a call is one POST that says what, for whom and by whom', async () => {
  const { url, requests } = await endpoint(answer(200, '{"booked":true}', { 'content-type': 'application/json' }))
  const output = await webhook(url).run({ room: 'Grün' }, toolContext({ attempt: 2 }))
  expect(output).toStrictEqual({ booked: true })
  expect(requests).toHaveLength(1)
  const { method, headers, body } = requests[0]!
  expect(method).toBe('POST')
  expect(JSON.parse(body)).toStrictEqual({
    tool: 'book_room',
    call: 'call_1',
    run: 'run_1',
    session: 's1',
    tenant: 'acme',
    attempt: 2,
    input: { room: 'Grün' },
  })
  expect(headers).toMatchObject({
    'content-type': 'application/json',
    'idempotency-key': 'call_1',
    'user-agent': expect.stringMatching(/^spool\/\d+\.\d+\.\d+$/),
  })
  const timestamp = Number(headers['spool-timestamp'])
  expect(Math.abs(timestamp - Date.now() / 1000)).toBeLessThan(60)
  expect(headers['spool-signature']).toBe(sign(body, secret, timestamp)['spool-signature'])
})

test('an answer may tell events of its own beside the output', async () => {
  const events = [{ type: 'custom.room.booked', data: { room: 'Grün' } }, { type: 'custom.done' }]
  const body = JSON.stringify({ output: { booked: true }, events })
  const { url } = await endpoint(answer(200, body, { 'content-type': 'application/vnd.spool.answer+json' }))
  const context = toolContext()
  expect(await webhook(url).run({ room: 'Grün' }, context)).toStrictEqual({ booked: true })
  expect(context.emitted).toEqual(events)
})

test('arguments are checked against the schema', () => {
  expect(webhook('http://127.0.0.1:1/').problemOf({})).toContain('room is missing')
  expect(webhook('http://127.0.0.1:1/').problemOf({ room: 'A' })).toBeNull()
})

describe('a tool that may be repeated', () => {
  test('is tried again with the same key until it answers', async () => {
    const { url, requests } = await endpoint(breakOff, answer(503), answer(200, 'done'))
    expect(await webhook(url, { repeatable: true }).run({}, toolContext())).toBe('done')
    expect(requests).toHaveLength(3)
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key']))).toStrictEqual(new Set(['call_1']))
    for (const { headers, body } of requests) {
      expect(headers['spool-signature']).toBe(sign(body, secret, Number(headers['spool-timestamp']))['spool-signature'])
    }
  })
  test('is not tried again after a refusal', async () => {
    const { url, requests } = await endpoint(answer(400, 'no'))
    const failure = await failureOf(webhook(url, { repeatable: true }).run({}, toolContext()))
    expect(failure).toMatchObject({ code: 'webhook_refused', message: 'The tool refused (400): no' })
    expect(requests).toHaveLength(1)
  })
  test('keeps its time limit, and does not wait for what would come too late', async () => {
    const { url, requests } = await endpoint(answer(503, 'later', { 'retry-after': '3600' }))
    const failure = await failureOf(webhook(url, { repeatable: true }).run({}, toolContext()))
    expect(failure).toMatchObject({ code: 'webhook_failed', message: 'The tool failed (503): later' })
    expect(requests).toHaveLength(1)
    const silent = await endpoint(stayAway)
    expect(
      await failureOf(webhook(silent.url, { repeatable: true, timeoutMs: 200 }).run({}, toolContext())),
    ).toMatchObject({ code: 'timeout', message: 'The tool did not answer in time.' })
  })
  test('fails with what was last said', async () => {
    const { url, requests } = await endpoint(breakOff, answer(500, 'broken'))
    const failure = await failureOf(webhook(url, { repeatable: true, timeoutMs: 4000 }).run({}, toolContext()))
    expect(failure).toMatchObject({ code: 'webhook_failed', message: 'The tool failed (500): broken' })
    expect(requests.length).toBeGreaterThan(1)
  })
})

describe('a tool that must not be repeated', () => {
  test.each([
    ['the connection broke', breakOff],
    ['the connection broke in the middle of the answer', beginAndBreakOff],
    ['it stays silent', stayAway],
    ['it wants another protocol', wantAnotherProtocol],
    ['a gateway gave up', answer(504)],
  ])('is unknown where %s, and not tried again', async (_, answering) => {
    const { url, requests } = await endpoint(answering, answer(200))
    const failure = await failureOf(webhook(url, { timeoutMs: 1000 }).run({}, toolContext()))
    expect(failure).toBeInstanceOf(OutcomeUnknown)
    expect(failure.code).toBe('outcome_unknown')
    expect(failure.message).toContain('whether the call was carried out is not known')
    expect(requests).toHaveLength(1)
  })
  test('has failed where it says so', async () => {
    const { url, requests } = await endpoint(answer(500, 'no disk'), answer(200))
    const failure = await failureOf(webhook(url).run({}, toolContext()))
    expect(failure).not.toBeInstanceOf(OutcomeUnknown)
    expect(failure).toMatchObject({ code: 'webhook_failed', message: 'The tool failed (500): no disk' })
    expect(requests).toHaveLength(1)
  })
  test.each([
    ['nobody listens', 'http://127.0.0.1:1/'],
    ['there is no such name', 'http://nowhere.invalid/'],
  ])('has done nothing where %s', async (_, url) => {
    const failure = await failureOf(webhook(url).run({}, toolContext()))
    expect(failure).not.toBeInstanceOf(OutcomeUnknown)
    expect(failure).toMatchObject({ code: 'webhook_unreachable', message: expect.stringMatching(/It did nothing\.$/) })
  })
  test('has done nothing where the handshake of TLS fails', async () => {
    const { url, requests } = await endpoint(answer(200))
    const failure = await failureOf(webhook(url.replace('http:', 'https:')).run({}, toolContext()))
    expect(failure).toMatchObject({ code: 'webhook_unreachable', message: expect.stringMatching(/It did nothing\.$/) })
    expect(requests).toHaveLength(0)
  })
})

test('a redirect is not followed', async () => {
  const there = await endpoint(answer(200))
  const { url } = await endpoint(answer(307, '', { location: there.url }))
  const failure = await failureOf(webhook(url).run({}, toolContext()))
  expect(failure).toBeInstanceOf(OutcomeUnknown)
  expect(there.requests).toHaveLength(0)
})

test('an answer without end is not read to it', async () => {
  let closed = false
  const { url } = await endpoint((response) => {
    response.on('close', () => (closed = true))
    response.writeHead(200, { 'content-type': 'text/plain' })
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    }
    response.on('drain', more)
    more()
  })
  const failure = await failureOf(webhook(url).run({}, toolContext()))
  expect(failure).toMatchObject({ code: 'answer_too_large' })
  await vi.waitFor(() => expect(closed).toBe(true))
})

test('a call that nobody waits for any more lets go of its connection', async () => {
  let closed = false
  const { url, requests } = await endpoint((response) => void response.on('close', () => (closed = true)))
  const controller = new AbortController()
  const call = failureOf(webhook(url).run({}, toolContext({ signal: controller.signal })))
  await vi.waitFor(() => expect(requests).toHaveLength(1))
  controller.abort()
  await call
  await vi.waitFor(() => expect(closed).toBe(true))
})

test('one whose secret is not set is left out, and the log says why', () => {
  const log = recordedLog()
  const webhooks = new Webhooks(
    [settingsOf({ name: 'without_secret', secretEnv: 'NOT_SET' }), settingsOf({ name: 'whole' })],
    env,
    log.logger,
  )
  expect(webhooks.tools().map(({ name }) => name)).toStrictEqual(['whole'])
  expect(log.lines()).toMatchObject([{ level: 'warn', tool: 'without_secret', problem: 'NOT_SET is not set' }])
  expect(log.text()).not.toContain(secret)
})

test('the secret appears nowhere', async () => {
  const { url } = await endpoint(answer(400, 'no'))
  const tool = webhook(url)
  const failure = await failureOf(tool.run({}, toolContext()))
  expect(`${failure.stack}${JSON.stringify(failure)}${JSON.stringify(tool)}`).not.toContain(secret)
})
