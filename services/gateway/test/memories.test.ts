import { afterAll, beforeAll, expect, test } from 'vitest'
import { call } from './support/http.ts'
import { OTHER_KEY, startSystem, type System } from './support/system.ts'

let system: System
const asked: unknown[] = []
/** Answers a question and remembers that it was asked. */
const answering = (answer: (question: { ids?: string[] }) => unknown) => (question: unknown) => {
  asked.push(question)
  return answer(question as { ids?: string[] })
}

beforeAll(async () => {
  system = await startSystem()
  const { answers } = system.persistence
  answers.set(
    'memories',
    answering(() => ({ memories: [{ id: 'm', text: 'Likes tea' }], next: '7.m' })),
  )
  answers.set(
    'forget',
    answering(({ ids }) => ({ forgotten: ids?.[0] === 'm' || ids === undefined ? 1 : 0 })),
  )
  answers.set(
    'erase',
    answering(() => null),
  )
})
afterAll(() => system?.stop())

const remove = (path: string, key?: string) => call(system.url, path, { method: 'DELETE', ...(key && { key }) })

test('memories are listed and searched in pages, each tenant its own', async () => {
  const query = 'user=ada%40example.org&agent=helper&q=%E8%8C%B6%20tea&limit=7&before=8.x'
  const page = await call(system.url, `/v1/memories?${query}`)
  expect([page.status, page.json]).toEqual([200, { memories: [{ id: 'm', text: 'Likes tea' }], next: '7.m' }])
  const about = { user: 'ada@example.org', agent: 'helper', q: '茶 tea', limit: 7, before: '8.x' }
  expect(asked.at(-1)).toEqual({ tenant: 'default', ...about })
  await call(system.url, '/v1/memories', { key: OTHER_KEY })
  expect(asked.at(-1)).toEqual({ tenant: 'other', limit: 100 })
})

test('an empty search lists all', async () => {
  expect((await call(system.url, '/v1/memories?user=ada&q=')).status).toBe(200)
  expect(asked.at(-1)).toEqual({ tenant: 'default', user: 'ada', limit: 100 })
})

test.each([
  ['DELETE', '/v1/memories?user=ada&q=tea', 'This call only takes user, agent, not: q. Nothing was deleted.'],
  ['DELETE', '/v1/memories/m?user=ada&x=1', 'This call takes no parameters, not: user, x. Nothing was deleted.'],
  ['DELETE', '/v1/sessions/s?memory=true', 'This call only takes memories, not: memory. Nothing was deleted.'],
  ['GET', '/v1/memories?usr=ada', 'This call only takes user, agent, q, limit, before, not: usr.'],
])('%s %s says which parameter is unknown, and nobody is asked', async (method, path, detail) => {
  const before = asked.length
  const { status, json } = await call(system.url, path, { method })
  expect([status, json['code'], json['detail'], asked.length]).toEqual([400, 'invalid_query', detail, before])
})

test('a memory is deleted once, and all of a user on request', async () => {
  const one = await remove('/v1/memories/m')
  expect([one.status, one.json]).toEqual([200, { id: 'm', deleted: true }])
  expect(asked.at(-1)).toEqual({ tenant: 'default', ids: ['m'] })
  const gone = await remove('/v1/memories/other')
  expect([gone.status, gone.json['code']]).toEqual([404, 'memory_not_found'])
  const all = await remove('/v1/memories?user=ada&agent=helper', OTHER_KEY)
  expect([all.status, all.json]).toEqual([200, { user: 'ada', agent: 'helper', deleted: 1 }])
  expect(asked.at(-1)).toEqual({ tenant: 'other', user: 'ada', agent: 'helper' })
})

test.each([
  ['DELETE', '/v1/memories', 'invalid_query'],
  ['DELETE', '/v1/memories?user=', 'invalid_query'],
  ['DELETE', '/v1/memories?user=a&agent=', 'invalid_query'],
  ['DELETE', '/v1/memories?user=a&user=b', 'invalid_query'],
  ['DELETE', '/v1/memories/a.b', 'invalid_id'],
  ['DELETE', '/v1/sessions/s?memories=yes', 'invalid_query'],
  ['GET', '/v1/memories?limit=0', 'invalid_query'],
])('%s %s is refused before anybody is asked', async (method, path, code) => {
  const before = asked.length
  const { status, json } = await call(system.url, path, { method })
  expect([status, json['code'], asked.length]).toEqual([400, code, before])
})

test('without a key nothing is told or deleted', async () => {
  for (const [method, path] of [
    ['GET', '/v1/memories'],
    ['DELETE', '/v1/memories/m'],
    ['DELETE', '/v1/memories?user=a'],
    ['DELETE', '/v1/sessions/s'],
  ] as const) {
    expect((await call(system.url, path, { method, key: null })).status).toBe(401)
  }
})

test('a session that has never been cannot be erased', async () => {
  const never = await remove('/v1/sessions/never?memories=true')
  expect([never.status, never.json['code']]).toEqual([404, 'session_not_found'])
  expect(asked.at(-1)).toEqual({ tenant: 'default', session: 'never', by: 'user', memories: true })
})
