/**
 * What the store is held to, measured with all services and servers on this machine, and the load beside them:
 * `npm run build && node test/bench/store.ts [seconds]`. Prints a table and writes it as JSON to the path in BENCH_JSON.
 * Beside it what Postgres alone does with the same rows: quote the ratios of one run.
 */
import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { Client } from 'pg'
import { cpuMsOf } from './cpu-time.ts'
import { report, writeFigures } from './figures.ts'

const seconds = Number(process.argv[2] ?? 10)
const BACKLOG_EVENTS = 120_000
const RAW_BATCH = 1000
const PROCESSES = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence', 'nats', 'postgres']

const count = (number: number) => Math.round(number).toLocaleString('en')
const perSecond = (events: number, ms: number) => events / (ms / 1000)

interface Running {
  spool: SpoolUnderTest
  natsUrl: string
  databaseUrl: string
  database: Client
}

/** A load of its own process. Resolves with what it has appended. */
async function load(running: Running, rate: number, events: number, tokensPerEvent = 1) {
  const program = fileURLToPath(new URL('load.ts', import.meta.url))
  const args = [program, running.natsUrl, rate, events, 300, tokensPerEvent].map(String)
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout) as { events: number; seconds: number }
}

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

/** At a rate: whether it keeps up, what that costs, and in how many transactions. */
async function measureRate(running: Running, rate: number): Promise<void> {
  const from = await storedUpTo(running)
  const cpu = PROCESSES.map((name) => cpuMsOf(running.spool.pidOf(name)))
  const lags: number[] = []
  const ending = new AbortController()
  const watching = (async () => {
    while (!ending.signal.aborted) {
      const { lag } = await ask<{ lag: number | null }>(
        running,
        `select extract(epoch from now() - stored_at)::float * 1000 as lag from events
         where shard = 0 order by epoch desc, seq desc limit 1`,
      )
      lags.push(lag ?? 0)
      await sleep(100)
    }
  })()
  const startedMs = performance.now()
  const appended = await load(running, rate, rate * seconds)
  const appendedMs = performance.now()
  ending.abort()
  await watching
  await stored(running, from + appended.events)
  const behindMs = performance.now() - appendedMs
  const { transactions } = await ask<{ transactions: string }>(
    running,
    'select count(distinct xmin::text) as transactions from events where seq > $1',
    [from],
  )
  const sorted = lags.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  report(
    `load of ${count(rate)}/s: appended, and stored over the same time`,
    `${count(appended.events / appended.seconds)}/s, ${count(appended.events / (appended.seconds + behindMs / 1000))}/s`,
    `${count(rate)}/s`,
  )
  report(
    `load of ${count(rate)}/s: age of the newest stored event; all stored after`,
    `p50 ${Math.round(median)}, max ${Math.round(sorted.at(-1) ?? 0)} ms; ${Math.round(behindMs)} ms`,
  )
  report(
    `load of ${count(rate)}/s: events per transaction`,
    (appended.events / Number(transactions)).toFixed(0),
    'at least 100',
  )
  const elapsedMs = performance.now() - startedMs
  const shares = PROCESSES.map((name, index) => {
    const share = (cpuMsOf(running.spool.pidOf(name)) - cpu[index]!) / elapsedMs
    return `${name} ${Math.round(share * 100)}`
  })
  process.stdout.write(`  processor, % of a core: ${shares.join(', ')}\n`)
}

interface Cost {
  perSecond: number
  /** Of Postgres and of whoever writes there: it says more than the rate where others use this machine, too. */
  cpuUs: number
}

/** As fast as it goes: what has come while persistence was frozen. */
async function measureBacklog(running: Running): Promise<Cost> {
  const pid = running.spool.pidOf('persistence')
  const cpuMs = () => cpuMsOf(pid) + cpuMsOf(running.spool.pidOf('postgres'))
  const from = await storedUpTo(running)
  process.kill(pid, 'SIGSTOP')
  const appended = await load(running, 0, BACKLOG_EVENTS)
  process.kill(pid, 'SIGCONT')
  const [startedMs, before] = [performance.now(), cpuMs()]
  await stored(running, from + appended.events)
  const rate = perSecond(appended.events, performance.now() - startedMs)
  const cpuUs = ((cpuMs() - before) * 1000) / appended.events
  report('a backlog, as fast as it goes', `${count(rate)}/s, ${cpuUs.toFixed(1)} µs each`, '15,000/s')
  return { perSecond: rate, cpuUs }
}

/** Postgres alone: the same rows into a table like it, in transactions of the size of a batch. */
async function measureRawInserts({ spool: { pidOf }, database, databaseUrl }: Running): Promise<Cost> {
  const { rows: names } = await database.query<{ name: string; type: string }>(
    `select attname as name, format_type(atttypid, atttypmod) as type from pg_attribute
     where attrelid = 'events'::regclass and attnum > 0 and not attisdropped order by attnum`,
  )
  await database.query('create table raw_events (like events including all)')
  const list = names.map(({ name }) => `${name}::text`).join(', ')
  const { rows } = await database.query({
    text: `select ${list} from events order by seq desc limit ${BACKLOG_EVENTS}`,
    rowMode: 'array',
  })
  const batches = Array.from({ length: Math.ceil(rows.length / RAW_BATCH) }, (_, at) => {
    const some = (rows as unknown as string[][]).slice(at * RAW_BATCH, (at + 1) * RAW_BATCH)
    return names.map((_name, column) => some.map((row) => row[column]))
  })
  const insert = `insert into raw_events select * from unnest(${names.map(({ type }, at) => `$${at + 1}::${type}[]`).join(', ')})`
  const client = new Client(databaseUrl)
  await client.connect()
  const cpuMs = () => process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000 + cpuMsOf(pidOf('postgres'))
  const [startedMs, before] = [performance.now(), cpuMs()]
  for (const batch of batches) await client.query(insert, batch)
  const rate = perSecond(rows.length, performance.now() - startedMs)
  const cpuUs = ((cpuMs() - before) * 1000) / rows.length
  await client.end()
  await database.query('drop table raw_events')
  return { perSecond: rate, cpuUs }
}

/** Tables with their indexes, by what came for one million tokens. */
async function measureBytes(running: Running, tokensPerEvent: number): Promise<void> {
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
  const { events } = await load(running, 0, 60_000, tokensPerEvent)
  await stored(running, from + events)
  const { deltas } = await ask<{ deltas: string }>(
    running,
    `select count(*) as deltas from events where seq > $1 and type = 'text.delta'`,
    [from],
  )
  const tokens = Number(deltas) * tokensPerEvent
  const bytes = ((await size()) - before) * (1_000_000 / tokens)
  report(`Postgres per million tokens, ${tokensPerEvent} in an event`, `${count(bytes / 1e6)} MB`)
}

async function measureRebuild(running: Running, what: string): Promise<void> {
  const spool = fileURLToPath(new URL('../../packages/cli/bin/spool.mjs', import.meta.url))
  const child = spawn(process.execPath, [spool, 'rebuild', '--json'], {
    env: { ...process.env, SPOOL_DATA: running.spool.dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const text = await child.stdout.toArray()
  const rebuilt = JSON.parse(text.join('')) as Record<string, number>
  report(
    `rebuild of ${count(rebuilt['events']!)} events, ${what}`,
    `${count(rebuilt['events_per_second']!)}/s`,
    '50,000/s',
  )
  report(`  queries blocked, storing paused`, `${rebuilt['blocked_ms']} ms, ${rebuilt['paused_ms']} ms`)
}

const spool = await startSpool({ env: { LOG_LEVEL: 'warn' } })
const addresses = JSON.parse(readFileSync(join(spool.dataFolder, 'run/connections.json'), 'utf8')) as {
  natsUrl: string
  databaseUrl: string
}
const database = new Client(addresses.databaseUrl)
const running: Running = { spool, ...addresses, database }
try {
  await database.connect()
  // Warms up.
  await load(running, 2000, 4000)
  await measureRate(running, 5000)
  await measureRate(running, 15_000)
  const backlog = await measureBacklog(running)
  const raw = await measureRawInserts(running)
  report('raw inserts of the same rows', `${count(raw.perSecond)}/s, ${raw.cpuUs.toFixed(1)} µs each`)
  report(
    'the store to raw inserts: rate, processor time',
    `${(backlog.perSecond / raw.perSecond).toFixed(2)}, ${(backlog.cpuUs / raw.cpuUs).toFixed(2)}`,
  )
  await measureBytes(running, 1)
  await measureBytes(running, 4)
  await measureRebuild(running, 'nothing else going on')
  const beside = load(running, 5000, 5000 * 10)
  await measureRebuild(running, 'beside a load of 5,000/s')
  await beside
} finally {
  await database.end()
  await spool.stop()
}
writeFigures()
process.exit(0)
