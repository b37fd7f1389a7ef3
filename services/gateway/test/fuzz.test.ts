import { newId } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DescribedApi } from '../../../test/described/described-api.ts'
import { fuzz } from '../../../test/fuzzing/fuzz.ts'
import type { KnownThings } from '../../../test/fuzzing/known-things.ts'
import { BODY_MARKER } from '../../../test/fuzzing/mutate-body.ts'
import { startRun } from './support/http.ts'
import { KEY, startSystem, type System } from './support/system.ts'

const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 400)
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
  system = await startSystem({ SPOOL_REQUEST_TIMEOUT_MS: '1000' })
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
