/**
 * What the store is held to, with all services and servers on this machine, and the load beside them: storing at a rate,
 * storing a backlog, rebuilding. Beside it what Postgres alone does with the same rows, with inserts of the size of a batch.
 */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startSpool } from '@spool/testing'
import { Client } from 'pg'
import { openRunning } from '../e2e/support/running.ts'
import { type Appended, append } from './appending.ts'
import { cpuMsOf } from './cpu-time.ts'
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'
import { type Cost, insertRaw } from './raw-inserts.ts'
import { share } from './statistics.ts'

const BACKLOG_PER_SECOND = 15_000
const REBUILT_PER_SECOND = 50_000
const BESIDE_REBUILD = 5000

interface Running {
  dataFolder: string
  pidOf: (name: string) => number
  natsUrl: string
  databaseUrl: string
  database: Client
}

export async function measureStore({ quick, sync }: Setting): Promise<Figure[]> {
  const size = quick ? { seconds: 1, backlog: 6000, bytes: 6000 } : { seconds: 8, backlog: 120_000, bytes: 60_000 }
  const spool = await startSpool({ env: { LOG_LEVEL: 'warn' } })
  const { natsUrl, databaseUrl, bus } = await openRunning(spool)
  const database = new Client(databaseUrl)
  await database.connect()
  const running: Running = { dataFolder: spool.dataFolder, pidOf: spool.pidOf, natsUrl, databaseUrl, database }
  const figures: Omit<Figure, 'sync'>[] = []
  try {
    // Warms up.
    await load(running, 2000, quick ? 1000 : 4000)
    for (const rate of [5000, 15_000]) figures.push(...(await figuresAtRate(running, rate, size.seconds)))
    const backlog = await storeBacklog(running, size.backlog)
    const raw = await insertRaw({ ...running, postgres: spool.pidOf('postgres'), rows: size.backlog })
    figures.push(...figuresOfBacklog(backlog, raw))
    for (const tokensPerEvent of [1, 4]) figures.push(await figureOfBytes(running, tokensPerEvent, size.bytes))
    figures.push(await figureOfRebuild(running, 'nothing else going on', raw))
    const beside = load(running, BESIDE_REBUILD, BESIDE_REBUILD * size.seconds)
    figures.push(await figureOfRebuild(running, `beside a load of ${count(BESIDE_REBUILD)} events/s`, raw))
    await beside
  } finally {
    await database.end()
    await bus.close()
    await spool.stop()
  }
  return figures.map((figure) => ({ ...figure, sync }))
}

const count = (number: number) => Math.round(number).toLocaleString('en')

const load = ({ natsUrl }: Running, perSecond: number, events: number, tokensPerEvent = 1): Promise<Appended> =>
  append({ natsUrl, perSecond, events, tokensPerEvent })

async function ask<Row extends object>({ database }: Running, text: string, values: unknown[] = []): Promise<Row> {
  const { rows } = await database.query(text, values)
  return rows[0] as Row
}

const storedUpTo = async (running: Running): Promise<number> =>
  Number((await ask<{ seq: string }>(running, 'select seq from projection')).seq)

/** Waits until so many events are stored. */
async function stored(running: Running, events: number): Promise<void> {
  while ((await storedUpTo(running)) < events) await sleep(10)
}

/** At a rate: whether it keeps up, how old the newest stored event is, and in how many transactions. */
async function figuresAtRate(running: Running, rate: number, seconds: number): Promise<Omit<Figure, 'sync'>[]> {
  const from = await storedUpTo(running)
  const ending = new AbortController()
  const watching = ages(running, ending.signal)
  const appended = await load(running, rate, rate * seconds)
  const appendedMs = performance.now()
  ending.abort()
  const lags = await watching
  await stored(running, from + appended.events)
  const behindMs = performance.now() - appendedMs
  const { transactions } = await ask<{ transactions: string }>(
    running,
    'select count(distinct xmin::text) as transactions from events where seq > $1',
    [from],
  )
  const what = `storing a load of ${count(rate)} events/s`
  const storedPerSecond = appended.events / (appended.seconds + behindMs / 1000)
  const perTransaction = appended.events / Number(transactions)
  return [
    {
      what,
      unit: 'events/s',
      spool: { appended: appended.events / appended.seconds, stored: storedPerSecond },
      beside: {},
      asked: { text: `${count(rate)}/s`, reached: storedPerSecond >= 0.97 * rate },
    },
    {
      what: `${what}: age of the newest stored event, and until all was stored`,
      unit: 'ms',
      spool: { p50: share(lags, 0.5), max: Math.max(...lags), rest: behindMs },
      beside: {},
    },
    {
      what: `${what}: events in a transaction`,
      unit: 'count',
      spool: { events: perTransaction },
      beside: {},
      asked: { text: 'at least 100', reached: perTransaction >= 100 },
    },
  ]
}

async function ages(running: Running, signal: AbortSignal): Promise<number[]> {
  const all: number[] = []
  while (!signal.aborted) {
    const { age } = await ask<{ age: number | null }>(
      running,
      `select extract(epoch from now() - stored_at)::float * 1000 as age from events
       where shard = 0 order by epoch desc, seq desc limit 1`,
    )
    all.push(age ?? 0)
    await sleep(100)
  }
  return all
}

/** As fast as it goes: what has come while persistence was frozen. */
async function storeBacklog(running: Running, events: number): Promise<Cost> {
  const pid = running.pidOf('persistence')
  const cpuMs = () => cpuMsOf(pid) + cpuMsOf(running.pidOf('postgres'))
  const from = await storedUpTo(running)
  process.kill(pid, 'SIGSTOP')
  const appended = await load(running, 0, events).finally(() => process.kill(pid, 'SIGCONT'))
  const [startedMs, before] = [performance.now(), cpuMs()]
  await stored(running, from + appended.events)
  const perSecond = appended.events / ((performance.now() - startedMs) / 1000)
  return { perSecond, cpuUs: ((cpuMs() - before) * 1000) / appended.events }
}

function figuresOfBacklog(ours: Cost, raw: Cost): Omit<Figure, 'sync'>[] {
  return [
    {
      what: 'storing a backlog, as fast as it goes',
      unit: 'rows/s',
      spool: { rows: ours.perSecond },
      beside: { 'raw inserts': { rows: raw.perSecond } },
      asked: { text: `${count(BACKLOG_PER_SECOND)}/s`, reached: ours.perSecond >= BACKLOG_PER_SECOND },
    },
    {
      what: 'storing a backlog: processor time of an event, whoever writes and Postgres',
      unit: 'µs',
      spool: { each: ours.cpuUs },
      beside: { 'raw inserts': { each: raw.cpuUs } },
    },
  ]
}

/** Tables with their indexes, by what came for one million tokens. */
async function figureOfBytes(running: Running, tokensPerEvent: number, events: number): Promise<Omit<Figure, 'sync'>> {
  const size = async () => {
    await running.database.query('checkpoint')
    const { bytes } = await ask<{ bytes: string }>(
      running,
      `select sum(pg_total_relation_size(c.oid)) as bytes from pg_class c
       where relnamespace = 'public'::regnamespace and relkind = 'r'`,
    )
    return Number(bytes)
  }
  const [before, from] = [await size(), await storedUpTo(running)]
  const appended = await load(running, 0, events, tokensPerEvent)
  await stored(running, from + appended.events)
  const { deltas } = await ask<{ deltas: string }>(
    running,
    `select count(*) as deltas from events where seq > $1 and type = 'text.delta'`,
    [from],
  )
  const tokens = Number(deltas) * tokensPerEvent
  return {
    what: `room in Postgres for a million tokens, ${tokensPerEvent} in an event`,
    unit: 'MiB',
    spool: { all: (((await size()) - before) * (1_000_000 / tokens)) / 1024 ** 2 },
    beside: {},
  }
}

async function figureOfRebuild(running: Running, when: string, raw: Cost): Promise<Omit<Figure, 'sync'>> {
  const spool = fileURLToPath(new URL('../../packages/cli/bin/spool.mjs', import.meta.url))
  const child = spawn(process.execPath, [spool, 'rebuild', '--json'], {
    env: { ...process.env, SPOOL_DATA: running.dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const rebuilt = JSON.parse((await child.stdout.toArray()).join('')) as Record<string, number>
  const perSecond = rebuilt['events_per_second']!
  return {
    what: `rebuild of the snapshots of ${count(rebuilt['events']!)} events, ${when}`,
    unit: 'rows/s',
    spool: { events: perSecond },
    beside: { 'raw inserts': { events: raw.perSecond } },
    asked: { text: `${count(REBUILT_PER_SECOND)}/s`, reached: perSecond >= REBUILT_PER_SECOND },
    note: `Queries were blocked for ${rebuilt['blocked_ms']} ms, storing for ${rebuilt['paused_ms']} ms.`,
  }
}

if (import.meta.main) await measured(measureStore)
