import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newId } from '@spool/events'
import { ArchiveOverNats, askReady, Bus, ChainWriter, Log, Queries } from '@spool/log'
import {
  type RunningNats,
  type RunningPostgres,
  type SpoolUnderTest,
  startNats,
  startPostgres,
  startSpool,
} from '@spool/testing'
import { type Database, openDatabase } from '@spool/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Frame, followOnce } from './support/follower.ts'
import { OldCopy } from './support/old-copy.ts'
import { followRun, get, start, stream, until } from './support/system.ts'
import { wrongSnapshots } from './support/whole-sessions.ts'

const SERVICES = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence']
const FAST = 'demo/steady?tokens=20&tps=200&seed=1'

let nats: RunningNats
let postgres: RunningPostgres
let spool: SpoolUnderTest
let copy: OldCopy
let database: Database
let bus: Bus
let log: Log

beforeAll(async () => {
  ;[nats, postgres] = await Promise.all([startNats(), startPostgres()])
  spool = await startSpool({ nats, postgres, longestRestartDelayMs: 500 })
  copy = new OldCopy(nats)
  database = openDatabase({ url: postgres.url, name: 'judge', connections: 1 })
  bus = await Bus.connect({ servers: nats.url, name: 'judge' })
  log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
})

afterAll(async () => {
  await Promise.all([spool?.stop(), database?.close(), bus?.close(), copy?.remove()])
  await Promise.all([nats?.stop(), postgres?.stop()])
})

const talk = async (session: string, message: string) => (await stream(spool, session, { message, model: FAST })).frames
const extent = async () => {
  await bus.untilConnected()
  return (await bus.jsm.streams.info('LOG')).state
}
const rows = () =>
  database.kysely.selectFrom('events').select(['epoch', 'seq', 'event_id']).orderBy('epoch').orderBy('seq').execute()
const stored = async () => (await database.kysely.selectFrom('projection').select('seq').executeTakeFirstOrThrow()).seq
const untilStored = () => until('all is stored', async () => (await stored()) === (await extent()).last_seq)
const idsOf = (frames: readonly Frame[]) => frames.map(({ id }) => id)

/** All of a session's events up to now, or after a cursor; and whether it was told to begin again. */
async function eventsOf(session: string, after = '0'): Promise<Frame[]> {
  const { last_seq: end } = await extent()
  const frames: Frame[] = []
  const enough = new AbortController()
  const last = await log.lastPosition({ tenant: 'default', session })
  if (last > end) throw new Error(`${session} ends beyond the log`)
  if (after.endsWith(`-${last}`)) return []
  await followOnce(`${spool.url}/v1/sessions/${session}/events`, {
    key: spool.key,
    after,
    signal: AbortSignal.any([enough.signal, AbortSignal.timeout(10_000)]),
    onFrame: (frame) => {
      frames.push(frame)
      if (frame.event === 'reset' || frame.data.seq >= last) enough.abort()
    },
  })
  return frames
}

function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = join(import.meta.dirname, '../../packages/cli/bin/spool.mjs')
  const env = { ...process.env, NATS_URL: nats.url, DATABASE_URL: postgres.url, SPOOL_DATA: spool.dataFolder }
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}

test('an old disk under NATS: nothing is overwritten, and after `spool log restore` all goes on where it was', async () => {
  const early = await talk('early', 'first')
  // The copy has a job in it that is being worked on, and a request that nobody has taken.
  const atWork = await start(spool, 'at-work', { message: 'go', model: 'demo/steady?tokens=60&tps=30&seed=2' })
  spool.kill('agent-orchestrator', 1, 'SIGSTOP')
  const asked = await start(spool, 'asked', { message: 'answer me once', model: FAST })
  expect(asked.status).toBe(202)
  await copy.take()
  spool.kill('agent-orchestrator', 1, 'SIGCONT')
  await followRun(spool, 'at-work', atWork.run)
  await followRun(spool, 'asked', asked.run)
  early.push(...(await talk('early', 'second')))
  const later = await talk('later', 'not in the copy')
  await untilStored()
  // What clients see last is not stored any more.
  spool.kill('persistence', 1, 'SIGSTOP')
  const lost = await talk('early', 'third')
  const whole = new Map<string, unknown>()
  for (const session of ['at-work', 'asked', 'later']) whole.set(session, await eventsOf(session).then(idsOf))

  // It comes back behind, under processes that live on.
  await copy.putBack(() => spool.kill('persistence'))
  const before = await rows()
  const { last_seq: oldEnd } = await extent()
  expect(oldEnd).toBeLessThan(await stored())
  const ready = () => fetch(`${spool.url}/readyz`).then((answer) => answer.text())
  await until('persistence says so', async () => /log ends at \d+, but \d+ is stored/.test(await ready()))
  // The queues take what is asked now: it waits there.
  const patient = await start(spool, 'patient', { message: 'when you are back', model: FAST })
  expect(patient.status).toBe(202)
  // And under processes that have just begun, with the old jobs before them.
  for (const service of SERVICES) spool.kill(service)
  for (const service of SERVICES.slice(1)) {
    await until(`${service} says so`, async () => /log ends at/.test((await askReady(bus, service)).detail ?? ''))
  }
  expect((await extent()).last_seq).toBe(oldEnd)
  expect((await command('log', 'status')).stdout).toMatch(/log ends at \d+, but \d+ is stored/)

  // Persistence cannot tell them, so they go on, and the log grows past the old end.
  spool.kill('persistence', 1, 'SIGSTOP')
  for (const service of SERVICES.slice(0, 3)) spool.kill(service)
  let other: Frame[] = []
  await until('a run in the other life', async () => {
    other = await talk('early', 'in another life').catch(() => [])
    return other.length > 0
  })
  const writer = new ChainWriter(await Log.open(bus, log.archive), { tenant: 'default', session: 'filler' }, 0)
  const body = Buffer.from('{"v":1,"type":"custom.note"}')
  while (writer.position <= (await stored())) await writer.append({ id: newId(), type: 'custom.note', body })
  spool.kill('persistence', 1, 'SIGCONT')
  await until('persistence says so', async () => (await ready()).includes('is stored there'))
  await until('nobody appends', async () => /is stored there/.test((await askReady(bus, 'llm-proxy')).detail ?? ''))
  const { last_seq: grownEnd } = await extent()
  expect(await rows()).toEqual(before)

  const file = join(spool.dataFolder, 'saved.jsonl')
  expect((await command('log', 'restore')).code).toBe(2)
  expect((await command('log', 'status', '--json')).code).toBe(1)
  expect(await command('log', 'restore', '--yes', '--save', file)).toMatchObject({ code: 0 })
  await spool.waitReady()
  expect((await command('log', 'status')).code).toBe(0)
  expect((await command('log', 'restore', '--yes')).code).toBe(1)
  const saved = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { seq: number })
  expect(saved.at(-1)!.seq).toBe(grownEnd)
  expect(saved.length).toBe(new Set(saved.map(({ seq }) => seq)).size)
  const texts = saved.map((line) => JSON.stringify(line))
  expect(texts.some((line) => line.includes('in another life'))).toBe(true)

  // Clients go on with the cursors that they had, wherever these were.
  for (const [session, ids] of whole) expect(idsOf(await eventsOf(session)), session).toEqual(ids)
  const news = await talk('early', 'and on')
  expect(news.every(({ id }) => id.startsWith('2-'))).toBe(true)
  const all = [...idsOf(early), ...idsOf(news)]
  for (const at of [0, 5, early.length - 1]) {
    expect(idsOf(await eventsOf('early', early[at]!.id))).toEqual(all.slice(at + 1))
  }
  expect((await eventsOf('early', lost.at(-1)!.id))[0]).toMatchObject({ event: 'reset' })
  expect((await talk('later', 'on')).at(-1)!.event).toBe('run.completed')
  expect(later.at(-1)!.event).toBe('run.completed')
  expect((await followRun(spool, 'patient', patient.run)).at(-1)!.event).toBe('run.completed')
  // The old jobs did nothing twice.
  const { messages } = await get<{ messages: { text: string }[] }>(spool, '/v1/sessions/asked/messages')
  expect(messages).toHaveLength(2)
  await until('no job is left', async () => (await bus.jsm.streams.info('WORK')).state.messages === 0)
  expect((await bus.jsm.streams.info('INTAKE')).state.messages).toBe(0)
  for (const [session, ids] of whole) {
    if (session !== 'later') expect(idsOf(await eventsOf(session)), session).toEqual(ids)
  }
  await untilStored()
  expect((await rows()).slice(0, before.length)).toEqual(before)
  expect(await wrongSnapshots(postgres.url, log)).toEqual([])
}, 120_000)
