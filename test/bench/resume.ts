/**
 * How long a client that comes back to a session of 10,000 events waits for them. Each session is read once from NATS,
 * beside a bare HTTP server that pipes the same bytes out of a file, and once, after its events have left NATS, from
 * Postgres, beside one that selects them there. Nobody has them at hand. Through the gateway, uncompressed.
 */
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Log, purgeBefore, type SessionRef, streamExtent } from '@spool/log'
import { startSpool } from '@spool/testing'
import { openRunning } from '../e2e/support/running.ts'
import { until } from '../e2e/support/system.ts'
import { cpuMsOf } from './cpu-time.ts'
import type { Figure, Setting } from './figure.ts'
import { writeLongAnswer } from './long-answer.ts'
import { measured } from './measuring.ts'
import { readUntil, type Resumed } from './read-until.ts'
import { ServerProcess } from './server-process.ts'
import { share } from './statistics.ts'

const FIRST_BYTE_MS = 20
const ALL_MS = 500

interface Written {
  session: string
  /** A client comes back from there. */
  first: number
  last: number
}

/** Reads a session to its end. */
type Read = (written: Written) => Promise<Resumed>

interface Reader {
  read: Read
  /** Process ids, by what runs there. */
  pids: Readonly<Record<string, number>>
}

interface Cost {
  all: Resumed[]
  /** Milliseconds of processor for each, by what runs there. */
  cpuMs: Readonly<Record<string, number>>
}

export async function measureResume({ quick, sync }: Setting): Promise<Figure[]> {
  const events = quick ? 1000 : 10_000
  const names = Array.from({ length: quick ? 3 : 20 }, (_, index) => `resume-${index}`)
  const spool = await startSpool()
  const { log, bus, queries, databaseUrl } = await openRunning(spool)
  const folder = spool.dataFolder
  const bare = await ServerProcess.start(new URL('bare-history.ts', import.meta.url), {
    FOLDER: folder,
    DATABASE_URL: databaseUrl,
  })
  try {
    const written = await Promise.all(names.map((session) => writtenIn(log, { tenant: 'default', session }, events)))
    const { firstSeq, lastSeq } = await streamExtent(log, 0)
    const heights = () => queries.ask<number[]>('heights', {}).catch(() => [0])
    await until('all is stored', async () => (await heights())[0] === lastSeq, 120_000)

    const authorization = `Bearer ${spool.key}`
    const parts = ['gateway', 'persistence', 'nats', 'postgres']
    const ours: Reader = {
      read: ({ session, first, last }) =>
        readUntil(`${spool.url}/v1/sessions/${session}/events`, last, {
          authorization,
          accept: 'text/event-stream',
          'last-event-id': `1-${first}`,
        }),
      pids: Object.fromEntries(parts.map((part) => [part, spool.pidOf(part)])),
    }
    const file: Reader = {
      read: ({ session, last }) => readUntil(`${bare.url}/file/${session}`, last),
      pids: { server: bare.pid },
    }
    const rows: Reader = {
      read: ({ session, last }) => readUntil(`${bare.url}/rows/${session}`, last),
      pids: { server: bare.pid, postgres: spool.pidOf('postgres') },
    }
    for (const one of written) writeFileSync(`${folder}/${one.session}`, (await ours.read(one)).body)
    // Nobody measures what is compiled for the first time.
    for (const reader of [ours, file, rows]) for (let time = 0; time < 3; time++) await reader.read(written[0]!)
    const gone = () => sleep(quick ? 500 : 8000)
    // So that no gateway has anything of it at hand.
    await gone()
    const fromNats = [await costOf(ours, written), await costOf(file, written)] as const
    await gone()
    await purgeBefore(log, 0, firstSeq, lastSeq)
    const fromPostgres = [await costOf(ours, written), await costOf(rows, written)] as const
    return [
      ...figuresOf(events, sync, 'NATS', fromNats[0], 'bare file', fromNats[1]),
      ...figuresOf(events, sync, 'Postgres', fromPostgres[0], 'bare select', fromPostgres[1]),
    ]
  } finally {
    await bare.kill()
    await bus.close()
    await spool.stop()
  }
}

async function writtenIn(log: Log, ref: SessionRef, events: number): Promise<Written> {
  return { session: ref.session, ...(await writeLongAnswer(log, ref, events)) }
}

async function costOf({ read, pids }: Reader, written: readonly Written[]): Promise<Cost> {
  const cpu = () => Object.values(pids).map((pid) => cpuMsOf(pid))
  const before = cpu()
  const all: Resumed[] = []
  for (const one of written) all.push(await read(one))
  const after = cpu()
  const each = Object.keys(pids).map((part, index) => [part, (after[index]! - before[index]!) / written.length])
  return { all, cpuMs: Object.fromEntries(each) as Record<string, number> }
}

function figuresOf(
  events: number,
  sync: Setting['sync'],
  source: string,
  ours: Cost,
  other: string,
  theirs: Cost,
): Figure[] {
  const bytes = (ours.all[0]!.body.length / 1e6).toFixed(1)
  const what = `resume of ${events.toLocaleString('en')} events from ${source}`
  const of = ({ all }: Cost, pick: (one: Resumed) => number) => {
    const values = all.map(pick)
    return { p50: share(values, 0.5), max: Math.max(...values) }
  }
  const figureOf = (which: string, pick: (one: Resumed) => number, mostMs: number): Figure => ({
    what: `${what}, ${which}`,
    unit: 'ms',
    sync,
    spool: of(ours, pick),
    beside: { [other]: of(theirs, pick) },
    asked: { text: `${mostMs} ms`, reached: of(ours, pick).p50 <= mostMs },
  })
  return [
    figureOf('first byte', ({ firstByteMs }) => firstByteMs, FIRST_BYTE_MS),
    figureOf(`all ${bytes} MB`, ({ allMs }) => allMs, ALL_MS),
    {
      what: `${what}, processor time of each`,
      unit: 'ms',
      sync,
      spool: withSum(ours.cpuMs),
      beside: { [other]: withSum(theirs.cpuMs) },
    },
  ]
}

const withSum = (each: Readonly<Record<string, number>>) => ({
  all: Object.values(each).reduce((sum, ms) => sum + ms, 0),
  ...each,
})

if (import.meta.main) await measured(measureResume)
