import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { get } from './support/system.ts'

let spool: SpoolUnderTest

beforeAll(async () => {
  spool = await startSpool()
})

afterAll(() => spool?.stop())

interface Answer {
  status: number
  type: string
  text: string
}

/** Over a bare request: fetch would repair some of what must arrive broken. */
function send(
  method: string,
  path: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(spool.url)
    const sent = request(
      {
        hostname,
        port,
        method,
        path,
        headers: { authorization: `Bearer ${spool.key}`, 'content-type': 'application/json', ...headers },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            type: String(response.headers['content-type']),
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    // A body that is refused by its size is not read to its end.
    sent.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' || error.code === 'ECONNRESET' ? undefined : reject(error),
    )
    sent.end(body)
  })
}

const runs = '/v1/sessions/bad/runs'
const fine = JSON.stringify({ message: 'hello' })

const cases: [name: string, status: number, ask: () => Promise<Answer>][] = [
  ['malformed JSON', 400, () => send('POST', runs, '{"message": "hel')],
  ['no body', 400, () => send('POST', runs)],
  ['a body that is no object', 400, () => send('POST', runs, '[1, 2]')],
  ['a message of the wrong type', 400, () => send('POST', runs, '{"message": 7}')],
  ['no message', 400, () => send('POST', runs, '{}')],
  ['an empty message', 400, () => send('POST', runs, '{"message": ""}')],
  ['parts of an unknown kind', 400, () => send('POST', runs, '{"message": [{"type": "virus"}]}')],
  ['an unknown when_busy', 400, () => send('POST', runs, '{"message": "hi", "when_busy": "explode"}')],
  ['an agent that is not there', 400, () => send('POST', runs, '{"message": "hi", "agent": "nobody"}')],
  ['a model that is not there', 400, () => send('POST', runs, '{"message": "hi", "model": "nothing"}')],
  ['an id with a dot', 400, () => send('POST', '/v1/sessions/a.b/runs', fine)],
  ['an id with an asterisk', 400, () => send('POST', '/v1/sessions/a*b/runs', fine)],
  ['an id with a greater-than', 400, () => send('POST', '/v1/sessions/a%3Eb/runs', fine)],
  ['an id with a slash', 400, () => send('POST', '/v1/sessions/a%2Fb/runs', fine)],
  ['an id with a space', 400, () => send('POST', '/v1/sessions/a%20b/runs', fine)],
  ['an id of 129 characters', 400, () => send('POST', `/v1/sessions/${'a'.repeat(129)}/runs`, fine)],
  ['an idempotency key with a space', 400, () => send('POST', runs, fine, { 'idempotency-key': 'a b' })],
  ['a body of 10 MB', 413, () => send('POST', runs, Buffer.alloc(10_000_000, 'a'))],
  ['parts of more than 128 KiB', 413, () => send('POST', runs, JSON.stringify({ message: 'a'.repeat(140_000) }))],
  [
    'metadata of more than 16 KiB',
    413,
    () => send('POST', runs, JSON.stringify({ message: 'a', metadata: { a: 'a'.repeat(20_000) } })),
  ],
  ['another content type', 415, () => send('POST', runs, fine, { 'content-type': 'text/plain' })],
  ['events of an unknown session', 404, () => send('GET', '/v1/sessions/never-was/events')],
  ['a snapshot of an unknown session', 404, () => send('GET', '/v1/sessions/never-was')],
  ['messages of an unknown session', 404, () => send('GET', '/v1/sessions/never-was/messages')],
  ['an unknown run', 404, () => send('GET', '/v1/sessions/never-was/runs/r/events')],
  ['a malformed cursor', 400, () => send('GET', '/v1/sessions/bad/events?after=yesterday')],
  [
    'a malformed last-event-id',
    400,
    () => send('GET', '/v1/sessions/bad/events', undefined, { 'last-event-id': '1-2-3' }),
  ],
  [
    'a limit that is no number',
    400,
    () => send('GET', '/v1/sessions/bad/events?limit=many', undefined, { accept: 'application/json' }),
  ],
  ['an unknown route', 404, () => send('GET', '/v1/nothing')],
  ['no key', 401, () => send('POST', runs, fine, { authorization: '' })],
  ['a wrong key', 401, () => send('POST', runs, fine, { authorization: 'Bearer spool_wrong' })],
]

test.each(cases)('%s is answered with %i and a problem document that says what to do', async (_, status, ask) => {
  const answer = await ask()
  expect(answer.status, answer.text).toBe(status)
  expect(answer.type).toContain('application/problem+json')
  const problem = JSON.parse(answer.text) as Record<string, unknown>
  expect(problem).toMatchObject({ status, code: expect.stringMatching(/^[a-z_]+$/), detail: expect.any(String) })
  expect(String(problem['detail']).length).toBeGreaterThan(10)
  expect(answer.text).not.toMatch(/node_modules|\.(js|ts):\d|at Object\./)
})

test('nothing of all that was written', async () => {
  for (const [, , ask] of cases) await ask()
  const { sessions } = await get<{ sessions: unknown[] }>(spool, '/v1/sessions')
  expect(sessions).toEqual([])
  expect(spool.logs()).not.toContain(spool.key)
})

test('a well-formed cursor that cannot be continued is answered with a reset and the snapshot', async () => {
  await send('POST', runs, JSON.stringify({ message: 'hi', model: 'demo/steady?tokens=3&tps=100&seed=1' }), {
    prefer: 'wait=10',
  })
  for (const cursor of ['1-999999', '7-3']) {
    const response = await fetch(`${spool.url}/v1/sessions/bad/events?after=${cursor}`, {
      headers: { authorization: `Bearer ${spool.key}`, accept: 'text/event-stream' },
    })
    let text = ''
    for await (const chunk of response.body!) {
      text += Buffer.from(chunk).toString()
      if (text.includes('event: reset') && text.includes('\n\n', text.indexOf('event: reset'))) break
    }
    const data = JSON.parse(/event: reset\ndata: (.*)/.exec(text)![1]!) as Record<string, unknown>
    expect(data).toMatchObject({
      reason: expect.any(String),
      cursor: expect.stringMatching(/^1-\d+$/),
      session: { id: 'bad' },
    })
  }
})
