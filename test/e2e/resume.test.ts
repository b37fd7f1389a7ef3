import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { type Frame, chainProblems, textOf, tokensIn } from './support/follower.ts'
import { followRun, get, isEnd, start, stream, until } from './support/system.ts'

let spool: SpoolUnderTest

beforeAll(async () => {
  spool = await startSpool({ copies: { gateway: 2 } })
})

afterAll(() => spool?.stop())

test('the message of the user is in the log before the first byte of the answer', async () => {
  const followed = await stream(spool, 'first-byte', { message: 'hello', model: 'demo/steady?tokens=5&tps=100&seed=1' })
  const types = followed.frames.map((frame) => frame.event)
  expect(types.slice(0, 3)).toEqual(['run.started', 'message.added', 'message.requested'])
  expect(followed.frames[1]!.data['parts']).toEqual([{ type: 'text', text: 'hello' }])
  expect(types.indexOf('message.added')).toBeLessThan(types.indexOf('text.delta'))
  expect(followed.ended).toBe(true)
})

test('a client cut at 20 random places, coming back with the last id, has every word once', async () => {
  const model = 'demo/steady?tokens=400&tps=100&seed=2'
  const { run } = await start(spool, 'cut', { message: 'go', model })
  const cuts = Array.from({ length: 20 }, () => 1 + Math.floor(Math.random() * 30))
  const frames = await followRun(spool, 'cut', run, { cuts })
  expect(chainProblems(frames, frames[0]!.data.prev), `cuts at ${cuts.join(', ')}`).toEqual([])
  expect(textOf(frames, run)).toBe(demoScript(model).join(''))
})

test('a client of a gateway that is killed goes on at another with its last id', async () => {
  const model = 'demo/steady?tokens=300&tps=60&seed=3'
  const { run } = await start(spool, 'gateway-killed', { message: 'go', model })
  const seen: Frame[] = []
  const following = followRun(spool, 'gateway-killed', run, { onFrame: (frame) => void seen.push(frame) })
  await until('60 tokens', () => tokensIn(seen) >= 60)
  spool.kill('gateway', 1)
  const frames = await following
  expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
  expect(textOf(frames, run)).toBe(demoScript(model).join(''))
  await spool.waitReady()
})

test('a gateway that is told to end is gone soon, and its clients, one that does not read among them, go on elsewhere', async () => {
  const model = 'demo/steady?tokens=400&tps=100&seed=6'
  const sessions = ['drain-1', 'drain-2', 'drain-3', 'drain-4']
  const seen: Frame[] = []
  const following = sessions.map(async (session) => {
    const { run } = await start(spool, session, { message: 'go', model })
    return { run, frames: await followRun(spool, session, run, { onFrame: (frame) => void seen.push(frame) }) }
  })
  await until('each has begun', () => sessions.every((name) => seen.some(({ data }) => data['session'] === name)))
  const asleep = await fetch(`${spool.url}/v1/sessions/drain-1/events`, {
    headers: { authorization: `Bearer ${spool.key}`, accept: 'text/event-stream' },
  })
  const leaving = spool.pidOf('gateway', 1)
  spool.kill('gateway', 1, 'SIGTERM')
  const toldAt = performance.now()
  await until('it is gone', () => !spool.pids('gateway').includes(leaving), 20_000)
  console.log(`a gateway with ${sessions.length + 1} followers ended in ${Math.round(performance.now() - toldAt)} ms`)
  for (const { run, frames } of await Promise.all(following)) {
    expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
    expect(textOf(frames, run)).toBe(demoScript(model).join(''))
  }
  expect(await asleep.text()).toMatch(/retry: \d+\n\n$/)
  await spool.waitReady()
})

test('the first stream of a run ends with the run, and a cursor at its end is answered with 204', async () => {
  const followed = await stream(spool, 'over', { message: 'go', model: 'demo/steady?tokens=3&tps=100&seed=4' })
  expect(isEnd(followed.frames.at(-1)!.event)).toBe(true)
  const run = followed.frames[0]!.data.run
  const again = await fetch(`${spool.url}/v1/sessions/over/runs/${run}/events`, {
    headers: { authorization: `Bearer ${spool.key}`, 'last-event-id': followed.lastId! },
  })
  expect(again.status).toBe(204)
})

test('the snapshot of a session and the events after its cursor are the whole, with nothing twice', async () => {
  const model = 'demo/steady?tokens=200&tps=100&seed=5'
  const { run } = await start(spool, 'snapshot', { message: 'go', model })
  interface Snapshot {
    messages: { role: string; text: string }[]
    cursor: string
  }
  let snapshot: Snapshot = { messages: [], cursor: '0' }
  await until('half an answer in the snapshot', async () => {
    snapshot = await get<Snapshot>(spool, '/v1/sessions/snapshot/messages')
    return (snapshot.messages.find((message) => message.role === 'assistant')?.text.length ?? 0) > 300
  })
  const frames = await followRun(spool, 'snapshot', run, { after: snapshot.cursor })
  expect(chainProblems(frames, Number(snapshot.cursor.split('-')[1]))).toEqual([])
  const known = snapshot.messages.find((message) => message.role === 'assistant')!.text
  expect(known + textOf(frames, run)).toBe(demoScript(model).join(''))
})

test('a request with the same idempotency key starts nothing twice and streams the same run from its beginning', async () => {
  const body = { message: 'once', model: 'demo/steady?tokens=20&tps=100&seed=6' }
  const headers = { 'idempotency-key': 'the-key' }
  const first = await stream(spool, 'idempotent', body, { headers })
  const second = await stream(spool, 'idempotent', body, { headers })
  expect(second.frames.map((frame) => frame.data)).toEqual(first.frames.map((frame) => frame.data))
  const other = await start(spool, 'idempotent', { ...body, message: 'other' }, headers)
  expect(other.status).toBe(422)
})
