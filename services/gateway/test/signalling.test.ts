import { newId } from '@spool/events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, Watcher } from './support/http.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
let other: string
beforeAll(async () => {
  system = await startSystem()
  other = (await system.anotherGateway()).url
})
afterAll(() => system?.stop())

interface Signal {
  message: string
  sequence: number
  attempt: number
  status: string
}

const signalsOf = ({ frames }: Watcher) => frames.map(({ data }) => JSON.parse(data) as Signal)
const lastOf = (watcher: Watcher) => signalsOf(watcher).at(-1)
const follow = (session: string, headers: Record<string, string> = {}, url = system.url) =>
  Watcher.open(url, `/v1/sessions/${session}/signals`, { headers })

async function begun(): Promise<{ session: string; message: string; at: string }> {
  const session = newId()
  const { json } = await call(system.url, `/v1/sessions/${session}/messages`, { body: { role: 'assistant' } })
  const message = String(json['message'])
  return { session, message, at: `/v1/sessions/${session}/messages/${message}` }
}

const append = async (at: string, sequence: number, url = system.url) =>
  expect((await call(url, `${at}/chunks`, { body: { text: `${sequence} `, sequence } })).status).toBe(200)

test('a message is told of at most every 50 ms, the last state always, and a client heals itself by pulling', async () => {
  const { session, message, at } = await begun()
  const told: number[] = []
  const watcher = await follow(session)
  await watcher.until(({ frames }) => frames.length === 1)
  expect(signalsOf(watcher)).toEqual([{ message, sequence: 0, attempt: 0, status: 'streaming' }])
  const reading = watcher.until((one) => {
    while (told.length < one.frames.length) told.push(performance.now())
    return lastOf(one)?.status === 'complete'
  })
  for (let sequence = 1; sequence <= 100; sequence++) await append(at, sequence, sequence % 2 ? system.url : other)
  await call(system.url, `${at}/finalize`, { body: {} })
  await reading
  const signals = signalsOf(watcher)
  expect(signals.at(-1)).toEqual({ message, sequence: 100, attempt: 0, status: 'complete' })
  const sequences = signals.map(({ sequence }) => sequence)
  expect(sequences).toEqual(sequences.toSorted((a, b) => a - b))
  expect(signals.length).toBeLessThan(60)
  const tookMs = told.at(-1)! - told[1]!
  // One at once, and then so many as there were 50 ms; a timer may be a moment early.
  expect(signals.length - 1).toBeLessThanOrEqual(tookMs / 49 + 2)
  const { json } = await call(other, `${at}/chunks?after=12`)
  expect((json['chunks'] as { sequence: number }[]).map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 88 }, (_, index) => index + 13),
  )
})

test('whoever comes back hears how far open messages are, and what has ended since it was there', async () => {
  const { session, message, at } = await begun()
  await append(at, 1)
  const first = await follow(session)
  await first.until((one) => lastOf(one)?.sequence === 1)
  const { cursor } = first
  expect(cursor).toMatch(/^1-\d+$/)
  first.cut()
  await append(at, 2)
  const again = await follow(session, { 'last-event-id': cursor }, other)
  await again.until((one) => one.frames.length > 0)
  expect(signalsOf(again)).toEqual([{ message, sequence: 2, attempt: 0, status: 'streaming' }])
  again.cut()
  await call(system.url, `${at}/finalize`, { body: {} })
  const ended = await follow(session, { 'last-event-id': again.cursor })
  await ended.until((one) => one.frames.length > 0)
  expect(signalsOf(ended)).toEqual([{ message, sequence: 2, attempt: 0, status: 'complete' }])
  // It knows of all that; and who has no position yet is told of what is still to come.
  const news = await Promise.all([follow(session, { 'last-event-id': ended.cursor }), follow(session)])
  await system.orchestrator.append({ tenant: 'default', session }, 'message.added', {
    message: 'u1',
    role: 'user',
    parts: [{ type: 'text', text: 'Hi' }],
  })
  for (const watcher of news) {
    await watcher.until((one) => one.frames.length > 0)
    expect(signalsOf(watcher)).toEqual([{ message: 'u1', sequence: 1, attempt: 0, status: 'complete' }])
  }
  for (const watcher of [ended, ...news]) watcher.cut()
})

test('a client that does not read hears how far it is once it reads again', async () => {
  const { session, message, at } = await begun()
  const slow = await follow(session)
  slow.stopReading()
  for (let sequence = 1; sequence <= 60; sequence++) await append(at, sequence)
  slow.readOn()
  await slow.until((one) => lastOf(one)?.sequence === 60)
  expect(lastOf(slow)).toMatchObject({ message, sequence: 60 })
  slow.cut()
})

test('what is asked wrongly, or is not there, is said', async () => {
  const { session } = await begun()
  expect((await call(system.url, `/v1/sessions/${newId()}/signals`)).json).toMatchObject({ code: 'session_not_found' })
  const path = `/v1/sessions/${session}/signals`
  expect((await call(system.url, `${path}?after=x`)).json).toMatchObject({ code: 'malformed_cursor' })
  expect((await call(system.url, `${path}?since=1`)).json).toMatchObject({ code: 'invalid_query' })
})
