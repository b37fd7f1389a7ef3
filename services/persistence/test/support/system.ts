import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Archive, ArchiveOverNats, askReady, Bus, Log, provision, Queries } from '@spool/log'
import { type RunningNats, type RunningPostgres, startedScript, startNats, startPostgres } from '@spool/testing'
import { Pool } from 'pg'
import { connectionOptions, migrate, openDatabase } from '@spool/store'
import { until } from './until.ts'

/** The built service, as it is started anywhere else: `npm test` builds first. */
const MAIN = 'services/persistence/dist/main.js'

/** One copy of the service, as a process of its own. */
export interface Copy {
  readonly pid: number
  readonly output: () => string
  /** Resolves with its exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals): Promise<number | string>
}

/** Real NATS, real Postgres, and as many copies of the service as a test wants. */
export interface System {
  readonly nats: RunningNats
  readonly postgres: RunningPostgres
  readonly bus: Bus
  readonly log: Log
  readonly queries: Queries
  readonly archive: Archive
  readonly shards: number
  /** For looking, over connections of the test's own. */
  sql<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>
  startCopy(env?: Record<string, string>): Copy
  ready(): Promise<void>
  stop(): Promise<void>
}

export async function startSystem({ shards = 1, logMaxBytes = 256 * 1024 ** 2 } = {}): Promise<System> {
  const [nats, postgres, main] = await Promise.all([startNats(), startPostgres(), startedScript(MAIN)])
  const bus = await Bus.connect({ servers: nats.url, name: 'test' })
  await provision(bus, { shards, logMaxBytes })
  await prepare(postgres.url)
  const queries = new Queries(bus)
  const archive = new ArchiveOverNats(queries)
  const log = await Log.open(bus, archive, shards)
  const pool = new Pool({ ...connectionOptions(postgres.url, 'test'), max: 2 })
  pool.on('error', () => undefined)
  const copies = new Set<Copy>()
  let copyNumber = 0
  return {
    nats,
    postgres,
    bus,
    log,
    queries,
    archive,
    shards,
    sql: async <Row extends object>(text: string, values: unknown[] = []) => (await pool.query<Row>(text, values)).rows,
    startCopy: (env = {}) => {
      const copy = startCopy(main, {
        NATS_URL: nats.url,
        DATABASE_URL: postgres.url,
        SPOOL_SHARDS: String(shards),
        SPOOL_INSTANCE: `persistence-${++copyNumber}`,
        SPOOL_DRAIN_MS: '3000',
        ...env,
      })
      copies.add(copy)
      return copy
    },
    ready: () => until('the service is ready', async () => (await askReady(bus, 'persistence')).ok),
    stop: async () => {
      await Promise.all([...copies].map((copy) => copy.end('SIGKILL')))
      await Promise.all([bus.close(), pool.end()])
      await Promise.all([nats.stop(), postgres.stop()])
    },
  }
}

export async function prepare(url: string): Promise<void> {
  const database = openDatabase({ url, name: 'test', connections: 1 })
  await migrate(database.kysely)
  await database.close()
}

function startCopy(main: string, env: Record<string, string>): Copy {
  const child: ChildProcess = spawn(process.execPath, [main], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()))
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    pid: child.pid!,
    output: () => output,
    end: (signal = 'SIGTERM') => {
      child.kill(signal)
      return ended
    },
  }
}
