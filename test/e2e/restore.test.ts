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
import { spoolWith } from '../../packages/cli/test/support/run-spool.ts'
import { type Frame, followOnce } from './support/follower.ts'
import { OldCopy } from './support/old-copy.ts'
import { followRun, get, start, type Started, stream, until } from './support/system.ts'
import { wrongSnapshots } from './support/whole-sessions.ts'

const SERVICES = ['agent-orchestrator', 'llm-proxy', 'persistence']
const EARLY = { tenant: 'default', session: 'early' }
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

const environment = () => ({ NATS_URL: nats.url, DATABASE_URL: postgres.url, SPOOL_DATA: spool.dataFolder })

/** As a process of its own. */
function command(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = join(import.meta.dirname, '../../packages/cli/bin/spool.mjs')
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { env: { ...process.env, ...environment() } }, (error, ...outputs) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout: outputs[0], stderr: outputs[1] }),
    )
  })
}

/** Asks for a run in a session, and waits only until the request is safe. */
async function ask(session: string, message: string): Promise<Promise<Started>> {
  const { messages } = await bus.jsm.streams.info('INTAKE').then(({ state }) => state)
  const started = start(spool, session, { message, model: FAST })
  await until('the request is in its queue', async () => {
    return (await bus.jsm.streams.info('INTAKE')).state.messages > messages
  })
  return started
}

test('an old disk under NATS: nothing is overwritten, and after `spool log restore` all goes on where it was', async () => {
  const here = spoolWith(environment())
  const early = await talk('early', 'first')
  // The copy has a job in it that is being worked on, and a request that nobody has taken.
  const atWork = await start(spool, 'at-work', { message: 'go', model: 'demo/steady?tokens=60&tps=60&seed=2' })
  spool.kill('agent-orchestrator', 1, 'SIGSTOP')
  const asked = await ask('asked', 'answer me once')
  await copy.take()
  spool.kill('agent-orchestrator', 1, 'SIGCONT')
  await followRun(spool, 'at-work', atWork.run)
  await followRun(spool, 'asked', (await asked).run)
  early.push(...(await talk('early', 'second')))
  await talk('later', 'not in the copy')
  await untilStored()
  // What clients see last is not stored any more.
  spool.kill('persistence', 1, 'SIGSTOP')
  const lost = await talk('early', 'third')
  const whole = new Map<string, unknown>()
  for (const session of ['at-work', 'asked', 'later']) whole.set(session, await eventsOf(session).then(idsOf))

  // It comes back behind, under processes that live on, and under such that begin with the old jobs before them.
  await copy.putBack(() => {
    spool.kill('persistence')
    spool.kill('agent-orchestrator')
  })
  const before = await rows()
  const { last_seq: oldEnd } = await extent()
  expect(oldEnd).toBeLessThan(await stored())
  for (const service of SERVICES) {
    await until(`${service} says so`, async () => /log ends at/.test((await askReady(bus, service)).detail ?? ''))
  }
  expect((await extent()).last_seq).toBe(oldEnd)
  expect(await here('log', 'status')).toMatchObject({ code: 1, stdout: expect.stringMatching(/log ends at \d+, but/) })

  // While persistence is away and cannot tell, one that knows nothing of it lets the log grow past the old end.
  spool.kill('persistence')
  const unaware = await Log.open(bus, log.archive)
  const writer = new ChainWriter(unaware, EARLY, await unaware.lastPosition(EARLY))
  const body = Buffer.from('{"v":1,"type":"custom.note","text":"in another life"}')
  const seen = lost.at(-1)!.data.seq
  while (writer.position <= seen) await writer.append({ id: newId(), type: 'custom.note', body })
  for (const service of SERVICES) {
    await until(`${service} says so`, async () => /is stored there/.test((await askReady(bus, service)).detail ?? ''))
  }
  // The queues take what is asked now: it waits there.
  const patient = await ask('patient', 'when you are back')
  const { last_seq: grownEnd } = await extent()
  expect(await rows()).toEqual(before)

  const file = join(spool.dataFolder, 'saved.jsonl')
  expect((await here('log', 'restore')).code).toBe(2)
  expect(await command('log', 'restore', '--yes', '--save', file)).toMatchObject({ code: 0 })
  await spool.waitReady()
  expect((await here('log', 'status', '--json')).documents[0]).toMatchObject({
    epoch: 2,
    diverged: null,
    frozen: false,
  })
  expect((await here('log', 'restore', '--yes')).stderr).toContain('nothing to restore')
  const saved = readFileSync(file, 'utf8').trim().split('\n')
  expect(saved).toHaveLength(grownEnd - oldEnd)
  // What ran on behind the old copy may stand among them.
  const events = saved.map((line) => JSON.parse(line) as { seq: number; body: string; headers: unknown })
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => oldEnd + 1 + index))
  expect(events).toContainEqual(expect.objectContaining({ body: body.toString(), headers: expect.anything() }))

  // Clients go on with the cursors that they had, wherever these were.
  for (const [session, ids] of whole) expect(idsOf(await eventsOf(session)), session).toEqual(ids)
  // This gateway has told positions that are lost: nobody waits for these.
  expect(await get(spool, '/v1/sessions/early')).toMatchObject({ session: { phase: 'idle' } })
  const news = await talk('early', 'and on')
  expect(news.every(({ id }) => id.startsWith('2-'))).toBe(true)
  const all = [...idsOf(early), ...idsOf(news)]
  for (const at of [0, 5, early.length - 1]) {
    expect(idsOf(await eventsOf('early', early[at]!.id))).toEqual(all.slice(at + 1))
  }
  expect((await eventsOf('early', lost.at(-1)!.id))[0]).toMatchObject({ event: 'reset' })
  expect((await talk('later', 'on')).at(-1)!.event).toBe('run.completed')
  expect((await followRun(spool, 'patient', (await patient).run)).at(-1)!.event).toBe('run.completed')
  // The old jobs did nothing twice.
  for (const queue of ['WORK', 'INTAKE']) {
    await until(`no job is left in ${queue}`, async () => (await bus.jsm.streams.info(queue)).state.messages === 0)
  }
  for (const session of ['at-work', 'asked']) {
    expect(idsOf(await eventsOf(session)), session).toEqual(whole.get(session))
  }
  await untilStored()
  expect((await rows()).slice(0, before.length)).toEqual(before)
  expect(await wrongSnapshots(postgres.url, log)).toEqual([])
}, 120_000)
