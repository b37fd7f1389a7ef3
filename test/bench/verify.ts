/**
 * How fast `spool verify` goes through what is stored, with all services and servers on this machine:
 * `npm run build && node test/bench/verify.ts [events] [sessions]`. First with everything still in JetStream, then with
 * half of it only in Postgres. Prints a table and writes it as JSON to the path in BENCH_JSON. Quote the ratios of one run.
 */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ArchiveOverNats, Bus, Log, purgeBefore, Queries, streamExtent } from '@spool/log'
import { startSpool } from '@spool/testing'
import { Conversation } from '../../services/persistence/test/support/conversation.ts'
import { cpuMsOf } from './cpu-time.ts'
import { report, writeFigures } from './figures.ts'

const events = Number(process.argv[2] ?? 400_000)
const sessions = Number(process.argv[3] ?? 500)
const ROUNDS = 3
/** As a model streams; and what is said besides. */
const DELTAS = 300
const OTHERS = 7
const SERVERS = ['nats', 'postgres']

interface Verified {
  ok: boolean
  events: number
  in_log: number
  seconds: number
  events_per_second: number
}

const count = (number: number) => Math.round(number).toLocaleString('en')
const program = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const run = promisify(execFile)

const spool = await startSpool()
try {
  const { natsUrl } = JSON.parse(readFileSync(join(spool.dataFolder, 'run', 'connections.json'), 'utf8')) as {
    natsUrl: string
  }
  const bus = await Bus.connect({ servers: natsUrl, name: 'bench' })
  const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
  // Runs that have ended: nobody works on while this measures.
  const answers = Array.from({ length: Math.ceil(events / (DELTAS + OTHERS)) }, (_, answer) => answer % sessions)
  const conversations = new Map<number, Promise<unknown>>()
  for (const session of answers) {
    const conversation = new Conversation(log, `verify-${session}`, 'bench')
    const before = conversations.get(session) ?? Promise.resolve(conversation)
    conversations.set(
      session,
      before.then(async (known) => {
        await (known as Conversation).answer(DELTAS)
        return known
      }),
    )
  }
  await Promise.all(conversations.values())
  const { lastSeq } = await streamExtent(log, 0)
  while ((await log.archive.heights())[0]! < lastSeq) await sleep(100)

  const verify = async (what: string) => {
    const rates: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const before = SERVERS.map((name) => cpuMsOf(spool.pidOf(name)))
      const env = { ...process.env, SPOOL_DATA: spool.dataFolder }
      const { stdout } = await run(
        process.execPath,
        [program('../../packages/cli/bin/spool.mjs'), 'verify', '--json'],
        { env },
      )
      const verified = JSON.parse(stdout) as Verified
      if (!verified.ok) throw new Error(stdout)
      rates.push(verified.events_per_second)
      const perEvent = (ms: number) => ((ms * 1000) / verified.events).toFixed(1)
      const servers = SERVERS.map((name, at) => `${name} ${perEvent(cpuMsOf(spool.pidOf(name)) - before[at]!)}`)
      process.stdout.write(
        `  ${count(verified.events)} events, ${count(verified.in_log)} in the log: ${count(verified.events_per_second)}/s; processor, µs per event: ${servers.join(', ')}\n`,
      )
    }
    report(what, `${count(Math.max(...rates))}/s (${rates.map((rate) => count(rate)).join(', ')})`, '100,000/s')
  }
  await verify('everything still in JetStream')
  await purgeBefore(log, 0, 1, Math.floor(lastSeq / 2))
  await verify('half of it only in Postgres')
  await bus.close()
} finally {
  await spool.stop()
}
writeFigures()
process.exit(0)
