import { newId } from '@spool/events'
import { QueryRefused } from '@spool/log'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { call, startRun } from './support/http.ts'
import { OTHER_KEY, startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())

const ROUTES = (session: string, run: string) => [
  `/v1/sessions/${session}`,
  `/v1/sessions/${session}/messages`,
  `/v1/sessions/${session}/runs/${run}`,
  `/v1/sessions/${session}/confirmations`,
  `/v1/sessions/${session}/artifacts`,
]

test('a snapshot is never older than what its reader was told, by a stream or an answer', async () => {
  const session = newId()
  const stream = await startRun(system.url, session, { message: 'Hi' })
  await stream.over
  const last = stream.events.at(-1)!.seq
  for (const path of ROUTES(session, stream.headers['x-spool-run'] as string)) {
    const { status, json } = await call(system.url, path)
    expect([path, status, json['cursor']]).toEqual([path, 200, `1-${last}`])
    expect(system.persistence.asked.at(-1)).toMatchObject({ tenant: 'default', session, atLeast: { seq: last } })
  }
  const accepted = await call(system.url, `/v1/sessions/${session}/runs`, { body: { message: 'again' } })
  await call(system.url, `/v1/sessions/${session}/messages`)
  const told = Number((accepted.json['cursor'] as string).split('-')[1])
  expect(system.persistence.asked.at(-1)!.atLeast!.seq).toBeGreaterThanOrEqual(told)
})

test('a store that has not caught up in time is a reason to come back, not an old answer', async () => {
  const session = newId()
  const stream = await startRun(system.url, session, { message: 'Hi' })
  await stream.over
  system.persistence.behind = true
  for (const path of ROUTES(session, stream.headers['x-spool-run'] as string)) {
    const { status, json, headers } = await call(system.url, path)
    expect([path, status, json['code'], headers['retry-after']]).toEqual([path, 503, 'unavailable', '1'])
  }
  system.persistence.behind = false
})

const AT = (session: string) => [...ROUTES(session, 'r'), `/v1/sessions/${session}/messages/m`]

test('the past is asked for as it was, whatever its reader was told since', async () => {
  const session = newId()
  const stream = await startRun(system.url, session, { message: 'Hi' })
  await stream.over
  for (const path of ROUTES(session, stream.headers['x-spool-run'] as string)) {
    const { status } = await call(system.url, `${path}?at=1-1`)
    const asked = system.persistence.asked.at(-1)!
    expect([path, status, asked.at, asked.atLeast]).toEqual([path, 200, { epoch: 1, seq: 1 }, undefined])
  }
})

test('a cursor that is none is refused before anybody is asked, one of elsewhere once it was looked for', async () => {
  const session = newId()
  const before = system.persistence.asked.length
  for (const path of AT(session)) {
    for (const at of ['x', '', '-1', '1-', '1-0', '1-2-3', '1.5', '1-9999999999999999']) {
      const { status, json } = await call(system.url, `${path}?at=${at}`)
      expect([path, at, status, json['code']]).toEqual([path, at, 400, 'malformed_cursor'])
    }
  }
  const twice = await call(system.url, `/v1/sessions/${session}?at=1-1&at=1-2`)
  expect([twice.status, twice.json['code']]).toEqual([400, 'invalid_query'])
  const all = await call(system.url, '/v1/sessions?at=1-1')
  expect([all.status, all.json['code']]).toEqual([400, 'invalid_query'])
  expect(system.persistence.asked.length).toBe(before)
  const { answers } = system.persistence
  answers.set('session', () => new QueryRefused('cursor_not_found', 'Not one of its events. Take another.'))
  const { status, json } = await call(system.url, `/v1/sessions/${session}?at=1-7`)
  answers.delete('session')
  expect([status, json['code'], json['detail']]).toEqual([
    404,
    'cursor_not_found',
    'Not one of its events. Take another.',
  ])
})

test('pages of events hold nothing twice and miss nothing while more comes', async () => {
  const session = newId()
  const seen: number[] = []
  let next = '0'
  for (let turn = 0; turn < 3; turn++) await (await startRun(system.url, session, { message: 'Hi' })).over
  for (let more = true, turns = 3; more;) {
    const page = await call(system.url, `/v1/sessions/${session}/events?after=${next}&limit=4`, {
      headers: { accept: 'application/json' },
    })
    const events = page.json['events'] as { seq: number; prev: number }[]
    for (const { seq, prev } of events) {
      expect(prev).toBe(seen.at(-1) ?? 0)
      seen.push(seq)
    }
    next = page.json['next'] as string
    more = page.json['more'] as boolean
    if (turns++ < 5) await (await startRun(system.url, session, { message: 'again' })).over
  }
  const all = await call(system.url, `/v1/sessions/${session}/events?limit=1000`, {
    headers: { accept: 'application/json' },
  })
  expect((all.json['events'] as { seq: number }[]).map(({ seq }) => seq)).toEqual(seen)
})

test('a message as it was asked for is handed on, and why there is none', async () => {
  const session = newId()
  const { answers } = system.persistence
  const raw = { message: 'm', request: { messages: [] }, response: null, attempts: [], cursor: { epoch: 1, seq: 7 } }
  answers.set('raw', (question) => ((question as { message: string }).message === 'm' ? raw : null))
  const path = (message: string) => `/v1/sessions/${session}/messages/${message}/raw`
  const found = await call(system.url, path('m'))
  expect([found.status, found.json]).toEqual([200, { ...raw, cursor: '1-7' }])
  const missing = await call(system.url, path('n'))
  expect([missing.status, missing.json['code']]).toEqual([404, 'message_not_found'])
  answers.set('raw', () => new QueryRefused('not_requested', 'No model was asked for it.'))
  const refused = await call(system.url, path('m'))
  expect([refused.status, refused.json['code']]).toEqual([404, 'not_requested'])
})

describe('a search', () => {
  const asked: unknown[] = []
  beforeAll(() => {
    system.persistence.answers.set('search', (question) => {
      asked.push(question)
      return { hits: [{ message: 'm' }], next: '7.m.s' }
    })
  })

  test('is of the tenant, in pages', async () => {
    const query = 'q=%E8%8C%B6%20tea&session=s1&role=user&limit=7&before=8.m.s'
    const page = await call(system.url, `/v1/search?${query}`)
    expect([page.status, page.json]).toEqual([200, { hits: [{ message: 'm' }], next: '7.m.s' }])
    const about = { q: '茶 tea', session: 's1', role: 'user', limit: 7, before: '8.m.s' }
    expect(asked.at(-1)).toEqual({ tenant: 'default', ...about })
    await call(system.url, '/v1/search?q=', { key: OTHER_KEY })
    expect(asked.at(-1)).toEqual({ tenant: 'other', q: '', limit: 20 })
  })

  test('takes any text for words', async () => {
    for (const q of ['%00%22%27%26|!', '%F0%9F%98%80', 'x'.repeat(10_000), '%ED%A0%80', '%']) {
      expect([q.slice(0, 9), (await call(system.url, `/v1/search?q=${q}`)).status]).toEqual([q.slice(0, 9), 200])
    }
  })

  test.each([
    ['', 'Say what to look for: ?q=…'],
    [`?q=${'x'.repeat(10_001)}`, 'q must not be longer than 10000 characters: a few words will do.'],
    ['?q=a&q=b', 'q is given more than once.'],
    ['?q=a&role=robot', 'role must be one of user, assistant, system.'],
    ['?q=a&session=a.b', 'session must be the id of a session.'],
    ['?q=a&limit=101', 'limit must be a whole number from 1 to 100.'],
    ['?query=a', 'This call only takes q, session, role, limit, before, not: query.'],
  ])('%.20s is refused before anybody is asked', async (query, detail) => {
    const before = asked.length
    const { status, json } = await call(system.url, `/v1/search${query}`)
    expect([status, json['code'], json['detail'], asked.length]).toEqual([400, 'invalid_query', detail, before])
  })

  test('needs a key', async () => {
    expect((await call(system.url, '/v1/search?q=a', { key: null })).status).toBe(401)
  })
})

test('a cancel that nobody could carry out yet is safe, and says so', async () => {
  await system.orchestrator.stop()
  const answer = await call(system.url, `/v1/sessions/${newId()}/runs/r/cancel`, { method: 'POST' })
  expect([answer.status, answer.json['status']]).toEqual([202, 'cancelling'])
  expect((await system.bus.jsm.streams.info('CONTROL')).state.messages).toBe(1)
  await system.orchestrator.start()
})
