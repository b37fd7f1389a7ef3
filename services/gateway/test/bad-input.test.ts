import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CallOptions, call, startRun } from './support/http.ts'
import { KEY, startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
  const existing = await startRun(system.url, 'existing', { message: 'Hi' })
  await existing.over
})
afterAll(() => system?.stop())

const RUNS = '/v1/sessions/s/runs'
const body = (value: object): CallOptions => ({ body: { message: 'Hi', ...value } })
const after = (cursor: string): [string, CallOptions] => [
  '/v1/sessions/existing/events',
  { headers: { 'last-event-id': cursor } },
]

const BAD: [name: string, status: number, code: string, path: string, options: CallOptions][] = [
  ['malformed JSON', 400, 'malformed_json', RUNS, { raw: '{"message": "Hi"' }],
  ['bytes that are not UTF-8', 400, 'malformed_json', RUNS, { raw: Buffer.from('{"message":"\xff"}', 'latin1') }],
  ['no body', 400, 'invalid_body', RUNS, { method: 'POST' }],
  ['an empty body', 400, 'invalid_body', RUNS, { raw: '' }],
  ['a list', 400, 'invalid_body', RUNS, { raw: '[]' }],
  ['null', 400, 'invalid_body', RUNS, { raw: 'null' }],
  ['a text', 400, 'invalid_body', RUNS, { raw: '"Hi"' }],
  ['no message', 400, 'invalid_body', RUNS, { body: {} }],
  ['an empty message', 400, 'invalid_body', RUNS, { body: { message: '' } }],
  ['a message without parts', 400, 'invalid_body', RUNS, { body: { message: [] } }],
  ['a number for a message', 400, 'invalid_body', RUNS, { body: { message: 7 } }],
  ['a part of no kind', 400, 'invalid_body', RUNS, { body: { message: [{ type: 'song', text: 'x' }] } }],
  ['a text part without text', 400, 'invalid_body', RUNS, { body: { message: [{ type: 'text' }] } }],
  ['an unknown field', 400, 'invalid_body', RUNS, body({ on_disconect: 'cancel' })],
  ['a wrong choice', 400, 'invalid_body', RUNS, body({ when_busy: 'explode' })],
  ['a wrong type', 400, 'invalid_body', RUNS, body({ agent: 1 })],
  ['metadata that is a list', 400, 'invalid_body', RUNS, body({ metadata: [] })],
  ...[{ id: 1 }, ['ada'], true, 1.5, 2 ** 53].map((user): (typeof BAD)[number] => [
    `the user ${JSON.stringify(user)}`,
    400,
    'invalid_body',
    RUNS,
    body({ metadata: { user } }),
  ]),
  ...['', 'z', 'x'.repeat(36), 'zh CN', 'zh--CN', '-', '日本語', '../x', 'en\n'].map(
    (language): (typeof BAD)[number] => [
      `the language ${JSON.stringify(language)}`,
      400,
      'invalid_body',
      RUNS,
      body({ language }),
    ],
  ),
  ['a time-out that is no number', 400, 'invalid_body', RUNS, body({ confirmation: { timeout_seconds: 'x' } })],
  ['a negative time-out', 400, 'invalid_body', RUNS, body({ confirmation: { timeout_seconds: -1 } })],
  ['parts beyond 128 KiB', 413, 'message_too_large', RUNS, { body: { message: 'x'.repeat(129 * 1024) } }],
  ['metadata beyond 16 KiB', 413, 'metadata_too_large', RUNS, body({ metadata: { x: 'x'.repeat(17 * 1024) } })],
  ['a body beyond 1 MiB', 413, 'body_too_large', RUNS, { body: { message: 'x'.repeat(1024 * 1024) } }],
  ['a body of 10 MB', 413, 'body_too_large', RUNS, { raw: `{"message":"${'x'.repeat(10_000_000)}"}` }],
  ['another media type', 415, 'unsupported_media_type', RUNS, { raw: 'Hi', headers: { 'content-type': 'text/plain' } }],
  ['a form', 415, 'unsupported_media_type', RUNS, { raw: 'a=b', headers: { 'content-type': 'multipart/form-data' } }],
  ['a key with a dot', 400, 'invalid_idempotency_key', RUNS, { ...body({}), headers: { 'idempotency-key': 'a.b' } }],
  ['an empty key', 400, 'invalid_idempotency_key', RUNS, { ...body({}), headers: { 'idempotency-key': '' } }],
  ...['a.b', '*', '%3E', 'a%2Fb', 'a%20b', '%F0%9F%A6%8A', '%00', 'a%0Ab', '..%2F..', '%252e', 'x'.repeat(129)].flatMap(
    (id): typeof BAD => [
      [`the session id ${id}`, 400, 'invalid_id', `/v1/sessions/${id}/runs`, body({})],
      [`the followed session ${id}`, 400, 'invalid_id', `/v1/sessions/${id}/events`, {}],
      [`the run id ${id}`, 400, 'invalid_id', `/v1/sessions/s/runs/${id}/events`, {}],
      [`the cancelled run ${id}`, 400, 'invalid_id', `/v1/sessions/s/runs/${id}/cancel`, { method: 'POST' }],
      [`the question ${id}`, 400, 'invalid_id', `/v1/sessions/s/confirmations/${id}`, { body: { action: 'confirm' } }],
      [`the message id ${id}`, 400, 'invalid_id', `/v1/sessions/s/messages/${id}`, {}],
    ],
  ),
  ['an id of 10,000 characters', 400, 'invalid_id', `/v1/sessions/${'x'.repeat(10_000)}/events`, {}],
  ['a broken percent-encoding', 400, 'malformed_url', '/v1/sessions/%zz/events', {}],
  ['a slash for a session', 404, 'not_found', '/v1/sessions/a/b/runs', body({})],
  ...['abc', '1', '1-', '-1', '1-2-3', '1.5', '0-5', '1-0', '1 -2', '99999999999-1', '1-99999999999999999999'].map(
    (cursor): (typeof BAD)[number] => [`the cursor ${cursor}`, 400, 'malformed_cursor', ...after(cursor)],
  ),
  ['a cursor in the address', 400, 'malformed_cursor', '/v1/sessions/existing/events?after=x', {}],
  ['two cursors', 400, 'invalid_query', '/v1/sessions/existing/events?after=0&after=1-1', {}],
  ['a limit of 0', 400, 'invalid_query', '/v1/sessions/existing/events?limit=0', {}],
  ['a limit beyond 1000', 400, 'invalid_query', '/v1/sessions/existing/events?limit=1001', {}],
  ['a limit that is no number', 400, 'invalid_query', '/v1/sessions/existing/messages?limit=ten', {}],
  ['a page after nothing', 400, 'invalid_query', '/v1/sessions/existing/messages?after=x', {}],
  ['a session that does not exist', 404, 'session_not_found', '/v1/sessions/none', {}],
  ['its events', 404, 'session_not_found', '/v1/sessions/none/events', {}],
  ['its messages', 404, 'session_not_found', '/v1/sessions/none/messages', {}],
  ['its runs', 404, 'session_not_found', '/v1/sessions/none/runs/r/events', {}],
  ['a run that does not exist', 404, 'run_not_found', '/v1/sessions/existing/runs/none', {}],
  ['the events of such a run', 404, 'run_not_found', '/v1/sessions/existing/runs/none/events', {}],
  ['a message that does not exist', 404, 'message_not_found', '/v1/sessions/existing/messages/none', {}],
  ['an address that does not exist', 404, 'not_found', '/v1/nothing', {}],
  ['the root', 404, 'not_found', '/', {}],
  ['a method that does not exist', 404, 'not_found', RUNS, { method: 'DELETE' }],
  ['GET where POST is meant', 404, 'not_found', RUNS, {}],
]

test('bytes of no type are no body', async () => {
  const headers = { authorization: `Bearer ${KEY}` }
  const response = await fetch(system.url + RUNS, { method: 'POST', headers, body: Buffer.alloc(2000) })
  expect([response.status, await response.json()]).toMatchObject([415, { code: 'unsupported_media_type' }])
})

test.each([
  ['parts that are none', { message: Array(15_000).fill(1) }],
  ['far too many of them', { message: Array(200_000).fill(1) }],
  ['fields that there are not', Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`x${index}`, 1]))],
  ['one with a long name', { message: 'Hi', ['x'.repeat(500_000)]: 1 }],
])('of a body full of %s the answer names a few', async (_, wrong) => {
  const answer = await call(system.url, RUNS, { body: wrong })
  expect([answer.status, answer.json['code']]).toEqual([400, 'invalid_body'])
  expect(answer.text.length).toBeLessThan(10_000)
})

test.for(BAD)('%s: a problem document and nothing written', async ([, status, code, path, options]) => {
  const before = await writtenSoFar()
  const answer = await call(system.url, path, options)
  expect([answer.status, answer.json['code']]).toEqual([status, code])
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.json).toMatchObject({
    status,
    title: expect.any(String) as string,
    detail: expect.stringMatching(/.{10,}/) as string,
    request_id: answer.headers['x-request-id'],
  })
  expect(answer.text).not.toMatch(/node_modules|\.ts:|at \w+ \(/)
  expect(await writtenSoFar()).toEqual(before)
})

describe('a problem', () => {
  test('names every field that does not fit', async () => {
    const { json } = await call(system.url, RUNS, { body: { message: [{ type: 'text' }], agent: 1, when_busy: 'x' } })
    const fields = (json['errors'] as { field: string }[]).map(({ field }) => field)
    expect(fields).toEqual(expect.arrayContaining(['message.0.text', 'agent', 'when_busy']))
  })

  test.each([
    ['', 'Send a JSON object, with content-type application/json.'],
    ['[]', 'Send a JSON object, with content-type application/json.'],
    ['{}', 'message is missing: a text, or a list of parts.'],
    ['{"message":7}', 'message must be a text, or a list of parts.'],
    ['{"message":""}', 'message must not be empty.'],
    ['{"message":[]}', 'message must not be empty.'],
    ['{"message":[7]}', 'message.0 must be an object.'],
    ['{"message":[{"text":"x"}]}', 'message.0.type must be one of "text", "image", "file".'],
    ['{"message":[{"type":"text"}]}', 'message.0.text is missing: a text.'],
    ['{"message":"x","agent":7,"modle":"m"}', 'agent must be a text. There is no field "modle".'],
    ['{"message":"x","agent":""}', 'agent must not be empty.'],
    [`{"message":"x","agent":"${'x'.repeat(257)}"}`, 'agent must have at most 256 characters.'],
    ['{"message":"x","when_busy":"x"}', 'when_busy must be one of "enqueue", "reject", "interrupt".'],
    ['{"message":"x","confirmation":{"timeout_seconds":0}}', 'confirmation.timeout_seconds must be more than 0.'],
    [
      '{"message":"x","confirmation":{"timeout_seconds":1e9}}',
      'confirmation.timeout_seconds must be at most 31536000.',
    ],
    ['{"message":"x","confirmation":{"timeout":1}}', 'confirmation has no field "timeout".'],
    ['{"message":"x","metadata":[]}', 'metadata must be an object.'],
    [
      '{"message":"x","metadata":{"user":{}}}',
      'metadata.user must be a text, or a whole number below 2^53, that names the user.',
    ],
    ['{"message":"x","language":"!"}', 'language must be the tag of a language, such as en, zh-CN or pt-BR.'],
  ])('with the body %s says what to send', async (raw, detail) => {
    expect((await call(system.url, RUNS, { raw, method: 'POST' })).json['detail']).toBe(detail)
  })

  test('carries the request id of the client where that is sane, else one of ours', async () => {
    const given = await call(system.url, '/v1/nothing', { headers: { 'x-request-id': 'mine-1.2:3' } })
    expect(given.json['request_id']).toBe('mine-1.2:3')
    const insane = await call(system.url, '/v1/nothing', { headers: { 'x-request-id': 'a b\tc{}' } })
    expect(insane.json['request_id']).toMatch(/^[0-9A-Z]{26}$/)
  })
})

test('ids of 128 characters are ids everywhere', async () => {
  const id = 'x'.repeat(128)
  const started = await call(system.url, `/v1/sessions/${id}/runs`, {
    body: { message: 'Hi' },
    headers: { 'idempotency-key': id },
  })
  expect(started.status).toBe(202)
  expect((await call(system.url, `/v1/sessions/${id}/messages`)).status).toBe(200)
  const run = await call(system.url, `/v1/sessions/${id}/runs/${id}`)
  expect([run.status, run.json['code']]).toEqual([404, 'run_not_found'])
})

test('JSON that would change an object is just JSON', async () => {
  const raw = '{"message":"Hi","metadata":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}'
  const { status } = await call(system.url, '/v1/sessions/proto/runs', { raw })
  expect(status).toBe(202)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('bytes that are no HTTP are answered and closed', async () => {
  const socket = connect({ port: Number(new URL(system.url).port), host: '127.0.0.1' })
  socket.end('HELLO\r\n\r\n')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(socket, 'close')
  const text = Buffer.concat(chunks).toString()
  expect(text).toMatch(/^HTTP\/1.1 400 Bad Request\r\n/)
  expect(text).toContain('"code":"malformed_request"')
})

async function writtenSoFar(): Promise<number[]> {
  const names = ['LOG', 'INTAKE', 'CONTROL', 'WORK']
  return Promise.all(names.map(async (name) => (await system.bus.jsm.streams.info(name)).state.last_seq))
}
