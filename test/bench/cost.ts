/**
 * What a million tokens cost: processor time of each part, transactions of Postgres, room on the disk; and the memory that
 * is held meanwhile. Whole answers, from the request to what is stored of them, so beginnings and ends are in it; what an
 * idle system takes in the same time is not.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { startSpool } from '@spool/testing'
import { Client } from 'pg'
import { openRunning } from '../e2e/support/running.ts'
import { cpuMsOf } from './cpu-time.ts'
import type { Figure, Setting } from './figure.ts'
import { StreamLoad } from './load/stream-load.ts'
import { measured } from './measuring.ts'
import { residentMiBOf } from './resident.ts'

const PARTS = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence', 'nats', 'postgres'] as const
/** Postgres shares its memory among its processes, so what it holds is not the sum of them. */
const IN_MEMORY = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence', 'nats'] as const
const TOKENS_PER_SECOND = 50
/** Postgres' connections tell of what they did a while later. */
const TOLD_AFTER_MS = 2500

/** So far. */
interface Spent {
  atMs: number
  cpuMs: number[]
  transactions: number
  bytes: Room
}

interface Room {
  nats: number
  postgres: number
  /** What Postgres has written ahead. */
  wal: number
}

/** For each second. */
interface Idle {
  cpuMs: number[]
  transactions: number
}

export async function measureCost({ quick, sync }: Setting): Promise<Figure[]> {
  const seconds = quick ? 2 : 20
  const spool = await startSpool()
  const { bus, databaseUrl } = await openRunning(spool)
  const database = new Client(databaseUrl)
  await database.connect()
  const spent = async (): Promise<Spent> => {
    const cpuMs = PARTS.map((part) => cpuMsOf(spool.pidOf(part)))
    const atMs = performance.now()
    await sleep(TOLD_AFTER_MS)
    const { rows } = await database.query<{ transactions: number; postgres: number; wal: number }>(
      `select xact_commit::float8 as transactions, pg_database_size(datname)::float8 as postgres,
        (pg_current_wal_insert_lsn() - '0/0')::float8 as wal
      from pg_stat_database where datname = current_database()`,
    )
    const { transactions, postgres, wal } = rows[0]!
    const { state } = await bus.jsm.streams.info('LOG')
    return { atMs, cpuMs, transactions, bytes: { nats: state.bytes, postgres, wal } }
  }
  const play = async (streams: number, tokens: number, name: string) => {
    const load = new StreamLoad()
    try {
      load.play({
        wire: 'spool',
        urls: [spool.url],
        key: spool.key,
        name,
        streams,
        tokens,
        tokensPerSecond: TOKENS_PER_SECOND,
        overMs: 1000,
        resumed: false,
        from: 0,
        until: Number.MAX_SAFE_INTEGER,
      })
      const { done, firstFault, counted } = await load.untilDone((tokens / TOKENS_PER_SECOND) * 1000 + 30_000)
      if (done < streams || firstFault !== undefined)
        throw new Error(firstFault ?? `only ${done} answers came to an end`)
      const resident = IN_MEMORY.map((part) => [part, residentMiBOf(spool.pidOf(part))] as const)
      return { events: counted.events, loadCpuMs: cpuMsOf(load.pid), resident: Object.fromEntries(resident) }
    } finally {
      load.stop()
    }
  }
  const figures: Figure[] = []
  try {
    // Nobody measures what is compiled for the first time.
    await play(50, quick ? 50 : 250, 'warm')
    await sleep(quick ? 0 : 3000)
    const rested = await spent()
    await sleep(quick ? 1000 : 8000)
    const idle = perSecond(rested, await spent())
    for (const streams of [50, 200]) {
      const tokens = streams * TOKENS_PER_SECOND * seconds
      const before = await spent()
      const played = await play(streams, TOKENS_PER_SECOND * seconds, `cost-${streams}`)
      // Until the last is stored.
      await sleep(1000)
      const after = await spent()
      figures.push(...figuresOf({ ...played, streams, tokens, before, after, idle, sync }))
    }
  } finally {
    await database.end()
    await bus.close()
    await spool.stop()
  }
  return figures
}

function perSecond(before: Spent, after: Spent): Idle {
  const elapsed = (after.atMs - before.atMs) / 1000
  return {
    cpuMs: after.cpuMs.map((ms, at) => (ms - before.cpuMs[at]!) / elapsed),
    transactions: (after.transactions - before.transactions) / elapsed,
  }
}

interface Played {
  streams: number
  tokens: number
  events: number
  loadCpuMs: number
  /** In MiB, at the end. */
  resident: Record<string, number>
  before: Spent
  after: Spent
  idle: Idle
  sync: Setting['sync']
}

function figuresOf({ streams, tokens, events, loadCpuMs, resident, before, after, idle, sync }: Played): Figure[] {
  const [elapsed, perMillion] = [(after.atMs - before.atMs) / 1000, 1_000_000 / tokens]
  const seconds = PARTS.map((part, at) => {
    const ms = after.cpuMs[at]! - before.cpuMs[at]! - idle.cpuMs[at]! * elapsed
    return [part, (ms / 1000) * perMillion] as const
  })
  const all = seconds.reduce((sum, [, one]) => sum + one, 0)
  const transactions = after.transactions - before.transactions - idle.transactions * elapsed
  const mib = (where: keyof Room) => ((after.bytes[where] - before.bytes[where]) / 2 ** 20) * perMillion
  const what = `for a million tokens, ${streams} streams of ${TOKENS_PER_SECOND} tokens/s`
  const idleShare = idle.cpuMs.reduce((sum, ms) => sum + ms, 0) / 10
  return [
    {
      what: `processor time ${what}`,
      unit: 's',
      sync,
      spool: { all, ...Object.fromEntries(seconds) },
      beside: {},
      note:
        `Without what it takes when idle, ${idleShare.toFixed(1)} % of a core, and without the clients, ` +
        `${((loadCpuMs / 1000) * perMillion).toFixed(0)} s. ${(tokens / events).toFixed(2)} tokens in an event.`,
    },
    {
      what: `transactions of Postgres ${what}`,
      unit: 'count',
      sync,
      spool: { transactions: transactions * perMillion },
      beside: {},
      note: `Without those of an idle system, ${idle.transactions.toFixed(1)} a second. They follow from the time and not from the tokens.`,
    },
    {
      what: `disk ${what}`,
      unit: 'MiB',
      sync,
      spool: { nats: mib('nats'), postgres: mib('postgres'), wal: mib('wal') },
      beside: {},
      note: `${events.toLocaleString('en')} events. The last is what Postgres has written ahead; it lets go of that by itself.`,
    },
    {
      what: `resident memory after ${streams} streams of ${TOKENS_PER_SECOND} tokens/s`,
      unit: 'MiB',
      sync,
      spool: resident,
      beside: {},
    },
  ]
}

if (import.meta.main) await measured(measureCost)
