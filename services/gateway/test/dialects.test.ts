import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, Watcher } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'

let system: System

beforeAll(async () => {
  system = await startSystem()
})

afterAll(() => system.stop())

const ask = (body: object, headers: Record<string, string> = {}) =>
  Watcher.open(system.url, '/chat/stream', { body, headers })

test('a stream that was cut at any frame goes on with the next, and starts nothing', async () => {
  const whole = await ask({ message: 'hello', session_id: 4711 })
  await whole.over
  const datas = whole.frames.map(({ data }) => data)
  expect(datas.at(-1)).toBe('[DONE]')
  expect(whole.headers['x-spool-session']).toBe('4711')
  const runs = system.orchestrator.taken.length
  for (const [index, { id }] of whole.frames.entries()) {
    if (id === undefined) continue
    const rest = await Watcher.open(system.url, `/chat/stream?session_id=4711&after=${id}`)
    await rest.over
    expect(rest.frames.map(({ data }) => data)).toEqual(datas.slice(index + 1))
    const posted = await ask({ message: 'hello', session_id: 4711 }, { 'last-event-id': id })
    await posted.over
    expect(posted.frames.map(({ data }) => data)).toEqual(datas.slice(index + 1))
  }
  const again = await Watcher.open(system.url, '/chat/stream?session_id=4711')
  await again.over
  expect(again.frames.map(({ data }) => data)).toEqual(datas)
  expect(system.orchestrator.taken).toHaveLength(runs)
})

test('an answer in one piece is the finished message', async () => {
  const { status, json } = await call(system.url, '/chat', { body: { message: 'hello' } })
  expect(status).toBe(200)
  expect(json).toEqual({ session_id: expect.any(String), message: 'Hello, world!' })
})
