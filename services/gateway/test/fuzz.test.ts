import { newId } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DescribedApi } from '../../../test/described/described-api.ts'
import { fuzz } from '../../../test/fuzzing/fuzz.ts'
import type { KnownThings } from '../../../test/fuzzing/known-things.ts'
import { BODY_MARKER, changedText } from '../../../test/fuzzing/mutate-body.ts'
import { Random } from '../../../test/chaos/random.ts'
import { startRun } from './support/http.ts'
import { SocketClient } from './support/socket-client.ts'
import { KEY, startSystem, type System } from './support/system.ts'

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 250)
const SEED = Number(process.env['FUZZ_SEED'] ?? 6)

/** Of the script that plays persistence: what it does not make of the log. */
const ANSWERS = {
  memories: { memories: [], next: null },
  forget: { forgotten: 0 },
  search: { hits: [], next: null },
  erase: null,
  raw: null,
  blob: null,
}

let system: System
beforeAll(async () => {
  // Who promises more than it sends is to be told soon.
  system = await startSystem({ SPOOL_REQUEST_TIMEOUT_MS: '500' })
})
afterAll(() => system?.stop())

test('whatever is sent, the answer is one that the document knows, at once, and nothing of it is in the log', async () => {
  const api = await DescribedApi.of(system.url)
  const known: KnownThings = new Map()
  for (let count = 0; count < 3; count++) {
    const session = newId()
    const stream = await startRun(system.url, session, { message: 'Hi' })
    await stream.over
    known.set('session', [...(known.get('session') ?? []), session])
    known.set('run', [...(known.get('run') ?? []), stream.headers['x-spool-run'] as string])
    known.set('cursor', [...(known.get('cursor') ?? []), stream.cursor])
  }
  const { orchestrator, persistence } = system
  const message = 'The script has no questions.'
  orchestrator.confirm = async () => ({ ok: false, status: 409, code: 'confirmation_unknown', message })
  for (const [question, answer] of Object.entries(ANSWERS)) persistence.answers.set(question, () => answer)
  const { faults, statuses } = await fuzz({
    api,
    port: Number(new URL(system.url).port),
    key: KEY,
    seed: SEED,
    requests: REQUESTS,
    known,
    // The script that plays persistence says little.
    checksContent: false,
  })
  expect(faults).toEqual([])
  expect([...statuses.keys()].length).toBeGreaterThan(8)
  expect((await fetch(`${system.url}/readyz`)).status).toBe(200)
  for (const secret of [KEY, BODY_MARKER, 'SECRET-']) {
    expect(system.logLines.filter((line) => line.includes(secret))).toEqual([])
  }
})

const OPERATIONS = [
  { op: 'follow', session: 'socket', after: '0' },
  { op: 'unfollow', session: 'socket' },
  { op: 'run', session: 'socket', message: 'Hi' },
  { op: 'cancel', session: 'socket', run: 'r' },
  { op: 'confirm', session: 'socket', confirmation: 'c', action: 'confirm' },
]

test('over a WebSocket neither: each message has its answer, and the connection lives', async () => {
  const random = new Random(SEED)
  const client = await SocketClient.open(system.url)
  for (let count = 0; count < 100; count++) {
    const operation = JSON.stringify({ ...OPERATIONS[random.whole(0, OPERATIONS.length - 1)], id: 'fuzz' })
    const message = changedText(operation, random)
    // A message of more than 1 MiB ends the connection, and is not meant here.
    if (message.length < 1024 * 1024) client.socket.send(message.toString())
  }
  // Answers come in no order: the last question is asked when all others are out.
  const { ok, error } = await client.ask({ op: 'follow', session: 'of-the-end' })
  expect([ok, error?.code]).toEqual([undefined, 'session_not_found'])
  const refusals = client.messages.flatMap((message) => message.error ?? [])
  expect(refusals.length).toBeGreaterThan(20)
  for (const { status, code, detail } of refusals) {
    expect([code, status < 500 || status === 503, typeof detail]).toEqual([code, true, 'string'])
  }
  client.close()
  expect(system.logLines.filter((line) => line.includes(BODY_MARKER))).toEqual([])
})
