import { Spool } from '@spool/client'
import { newId } from '@spool/events'
import { ChainWriter, fullness, type Log, logRoom, purgeBefore, streamExtent } from '@spool/log'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { chainProblems, followOnce, type Frame, textOf, tokensIn } from './support/follower.ts'
import { expectAllWhole, expectStoredAsLogged, manyStreams, untilAllHave } from './support/many-streams.ts'
import { openRunning } from './support/running.ts'
import { followRun, get, isEnd, start, stream, until } from './support/system.ts'

let spool: SpoolUnderTest
let running: Awaited<ReturnType<typeof openRunning>>

beforeAll(async () => {
  spool = await startSpool({ env: { SPOOL_HOT_WINDOW_MS: '1000', SPOOL_LOG_MAX_BYTES: String(LOG_BYTES) } })
  running = await openRunning(spool)
  long = notes('long', 10_000, 100)
})
const LOG_BYTES = 8 * 1024 ** 2
/** Where it ends. It is written beside all else. */
let long: Promise<number>

/** A session of so many events of this size. */
async function notes(session: string, count: number, bytes: number): Promise<number> {
  const writer = new ChainWriter(running.log, { tenant: 'default', session }, 0)
  for (let n = 0; n < count; n++) {
    const body = Buffer.from(JSON.stringify({ v: 1, type: 'custom.note', n, text: 'x'.repeat(bytes) }))
    await writer.append({ id: newId(), type: 'custom.note', body })
  }
  return writer.position
}

afterAll(async () => {
  await running?.bus.close()
  await spool?.stop()
})

interface Page {
  events: Frame['data'][]
  next: string
  more: boolean
}

/** Every event of a session, page by page. */
async function paged(session: string, limit: number, after = '0'): Promise<Frame['data'][]> {
  const events: Frame['data'][] = []
  for (let page: Page | null = null; page?.more !== false; after = page.next) {
    page = await get<Page>(spool, `/v1/sessions/${session}/events?limit=${limit}&after=${after}`)
    events.push(...page.events)
  }
  return events
}

const streamed = async (session: string, count: number, after = '0') =>
  (await followOnce(`${spool.url}/v1/sessions/${session}/events`, { key: spool.key, after, cutAfter: count })).frames

/** Lets leave the stream, again and again, a part of what may by then. Gives back how often it did. */
async function purgeAtRandom(log: Log, stop: AbortSignal): Promise<number> {
  let times = 0
  while (!stop.aborted) {
    const [stored = 0] = await running.queries.ask<number[]>('heights', {})
    const { firstSeq } = await streamExtent(log, 0)
    const seq = firstSeq + Math.ceil(Math.random() * (stored - firstSeq))
    if (seq > firstSeq && (await purgeBefore(log, 0, firstSeq, seq)) > 0) times++
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 200))
  }
  return times
}

test('while its events leave NATS, whoever follows a session or comes back to it anywhere sees each of them once', async () => {
  const session = 'seam'
  const model = 'demo/steady?tokens=300&tps=100&seed=71'
  await start(spool, session, { message: 'before', model: 'demo/steady?tokens=40&seed=70' })
  const { run } = await start(spool, session, { message: 'go', model })
  const purged = new AbortController()
  const purging = purgeAtRandom(running.log, purged.signal)
  const followers = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const used = Array.from({ length: 12 }, () => 1 + Math.floor(Math.random() * 40))
      return { used, frames: await followRun(spool, session, run, { cuts: used }) }
    }),
  )
  purged.abort()
  expect(await purging).toBeGreaterThan(5)
  for (const { used, frames } of followers) {
    expect(chainProblems(frames, frames[0]!.data.prev), `cut after ${used.join(', ')}`).toEqual([])
    expect(textOf(frames, run)).toBe(demoScript(model).join(''))
  }
})

test('a session of which nothing is in NATS any more is read, followed and gone on with from any place', async () => {
  const session = 'seam'
  const last = await running.log.lastPosition({ tenant: 'default', session })
  // One that comes later, so that this session's own events may leave to the last.
  await start(spool, 'later', { message: 'hi', model: 'demo/steady?tokens=3&seed=72' })
  await until('its last event has left', async () => (await streamExtent(running.log, 0)).firstSeq > last)
  const whole = await paged(session, 1000)
  expect(whole.at(-1)!.seq).toBe(last)

  await expectReadFromAnywhere(session, whole)

  // On, over the seam: history from Postgres, then what is said now.
  const seen: Frame[] = []
  const done = new AbortController()
  const events = `${spool.url}/v1/sessions/${session}/events`
  const following = followOnce(events, { key: spool.key, signal: done.signal, onFrame: (frame) => seen.push(frame) })
  const client = new Spool({ url: spool.url, key: spool.key }).session(session)
  const model = 'demo/steady?tokens=30&tps=50&seed=73'
  const answer = await client.send('and now?', { model })
  expect(await answer.text()).toBe(demoScript(model).join(''))
  await until('the follower has its end', () => seen.at(-1)?.data.run === answer.run && isEnd(seen.at(-1)!.event))
  done.abort()
  await following
  expect(chainProblems(seen)).toEqual([])
  // The client checks the chain itself: a gap or a repeat would throw.
  const ids: string[] = []
  for await (const { cursor } of client.follow()) if (ids.push(cursor) >= seen.length) break
  expect(ids).toEqual(seen.map(({ id }) => id))

  for (const service of ['gateway', 'llm-proxy', 'persistence', 'agent-orchestrator', 'nats']) spool.kill(service)
  await spool.waitReady()
  await expectReadFromAnywhere(
    session,
    seen.map(({ data }) => data),
  )
})

async function expectReadFromAnywhere(session: string, whole: Frame['data'][]): Promise<void> {
  expect(await paged(session, 97)).toEqual(whole)
  for (const place of [0, 100, whole.length - 2]) {
    const rest = whole.slice(place + 1)
    const after = `1-${whole[place]!.seq}`
    expect((await streamed(session, rest.length, after)).map(({ data }) => data)).toEqual(rest)
  }
  expect(await paged(session, 97, `1-${whole.at(-1)!.seq}`)).toEqual([])
}

test('a session of 10,000 events is there within a moment also from Postgres', async () => {
  const last = await long
  await until('it has left', async () => (await streamExtent(running.log, 0)).firstSeq >= last)
  const startedMs = performance.now()
  let firstMs = Infinity
  const { frames } = await followOnce(`${spool.url}/v1/sessions/long/events`, {
    key: spool.key,
    cutAfter: 10_000,
    onFrame: () => (firstMs = Math.min(firstMs, performance.now() - startedMs)),
  })
  const allMs = performance.now() - startedMs
  expect(chainProblems(frames)).toEqual([])
  expect(frames.at(-1)!.data.seq).toBe(last)
  expect(firstMs).toBeLessThan(500)
  expect(allMs).toBeLessThan(3000)
})

interface Health {
  checks: Record<string, { ok: boolean; detail?: string }>
}

test('a log that is full because nothing is stored says so; nothing is lost, and all goes on once it is', async () => {
  const persistence = spool.pidOf('persistence')
  const watched = await manyStreams(spool, 'full', { streams: 20, tokens: 200, tokensPerSecond: 50 })
  await untilAllHave(watched, 10)
  process.kill(persistence, 'SIGSTOP')
  // Up to where only little more has room.
  while (fullness(await logRoom(running.log, 0)) < 0.94) await notes(newId(), 1, 30_000)
  const ready = async () => (await fetch(`${spool.url}/readyz`)).json() as Promise<Health>
  await until('it is not ready', async () => (await ready()).checks['log']?.ok === false)
  expect((await ready()).checks['log']!.detail).toMatch(/full.*Nothing is lost/)
  expect((await get<Health>(spool, '/v1/status')).checks['log']!.ok).toBe(false)
  const refused = await start(spool, 'one-more', { message: 'hi' })
  expect(refused).toMatchObject({ status: 503, body: { code: 'log_full' } })
  const copied = await fetch(`${spool.url}/v1/sessions/${watched[0]!.session}/fork`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spool.key}` },
  })
  expect([copied.status, await copied.json()]).toEqual([503, expect.objectContaining({ code: 'log_full' })])
  await until('appends wait', () => /"service":"llm-proxy".*The log is full/.test(spool.logs()))
  const most = Math.max(...watched.map(({ seen }) => tokensIn(seen)))
  expect(most).toBeLessThan(200)
  process.kill(persistence, 'SIGCONT')
  await expectAllWhole(watched)
  await spool.waitReady()
  await expectStoredAsLogged(spool, running.databaseUrl, running.natsUrl)
  const next = await stream(spool, 'one-more', { message: 'hi', model: 'demo/steady?tokens=3&seed=74' })
  expect(isEnd(next.frames.at(-1)!.event)).toBe(true)
})
