/**
 * How fast a log that is there is stored:
 * `node --experimental-transform-types services/persistence/bench/store-rate.ts [events] [sessions]`
 * (after a build). Beside it, in the same run, what Postgres alone does with the same rows: the ratio is what counts.
 */
import { performance } from 'node:perf_hooks'
import { sql } from 'kysely'
import { openDatabase } from '@spool/store'
import { caughtUp } from '../test/support/caught-up.ts'
import { Conversation } from '../test/support/conversation.ts'
import { startSystem } from '../test/support/system.ts'
import { until } from '../test/support/until.ts'
import { verifySnapshots } from '../test/support/verify-snapshots.ts'

const events = Number(process.argv[2] ?? 60_000)
const sessions = Number(process.argv[3] ?? 200)
const say = (line: string) => process.stdout.write(`${line}\n`)

const system = await startSystem()
try {
  const tokens = Math.round(events / sessions) - 7
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: sessions }, () => new Conversation(system.log).answer(tokens)))
  const total = sessions * (tokens + 7)
  say(`appended ${total} events: ${rate(total, startedMs)}`)

  const copy = system.startCopy()
  const spawnedMs = performance.now()
  await until('it has started', () => copy.output().includes('"Projecting"'))
  const projectingMs = performance.now()
  say(`from spawn to projecting: ${Math.round(projectingMs - spawnedMs)} ms`)
  await caughtUp(system, 120_000)
  const storedMs = performance.now()
  say(`stored: ${rate(total, projectingMs, storedMs)}`)
  const [size] = await system.sql<{ bytes: number }>('select pg_database_size(current_database()) as bytes')
  say(`Postgres holds ${Math.round(size!.bytes / 1e6)} MB, ${Math.round(size!.bytes / total)} bytes per event`)
  say(`plain inserts of the same rows: ${await plainInserts(total)}`)
  const verifyMs = performance.now()
  const { differences } = await verifySnapshots(system.postgres.url, system.log)
  say(`verified: ${rate(total, verifyMs)}, ${differences.length} differences`)
} finally {
  await system.stop()
}

/** Postgres alone: the same rows into the same table, in transactions of the same size. */
async function plainInserts(total: number): Promise<string> {
  await system.sql('create table plain (like events including all)')
  const { kysely, close } = openDatabase({ url: system.postgres.url, name: 'bench', connections: 1 })
  const startedMs = performance.now()
  for (let at = 0; at < total; at += 500) {
    await sql`insert into plain select * from events where seq > ${at} and seq <= ${at + 500}`.execute(kysely)
  }
  const result = rate(total, startedMs)
  await close()
  return result
}

function rate(count: number, fromMs: number, toMs = performance.now()): string {
  return `${Math.round(count / ((toMs - fromMs) / 1000)).toLocaleString('en')}/s`
}
