/**
 * How fast `spool verify` goes through what is stored, with all services and servers on this machine. First with
 * everything still in JetStream, then with half of it only in Postgres.
 */
import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Log, purgeBefore, streamExtent } from '@spool/log'
import { startSpool } from '@spool/testing'
import { Conversation } from '../../services/persistence/test/support/conversation.ts'
import { openRunning } from '../e2e/support/running.ts'
import { cpuMsOf } from './cpu-time.ts'
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'

const ASKED_PER_SECOND = 100_000
/** As a model streams; and what is said besides. */
const DELTAS = 300
const OTHERS = 7
const SERVERS = ['nats', 'postgres']

interface Verified {
  ok: boolean
  events: number
  events_per_second: number
}

const program = fileURLToPath(new URL('../../packages/cli/bin/spool.mjs', import.meta.url))
const run = promisify(execFile)

export async function measureVerify({ quick, sync }: Setting): Promise<Figure[]> {
  const { events, sessions, rounds } = quick
    ? { events: 10_000, sessions: 20, rounds: 1 }
    : { events: 400_000, sessions: 500, rounds: 3 }
  const spool = await startSpool()
  const { log, bus } = await openRunning(spool)
  try {
    await writeAnswers(log, Math.ceil(events / (DELTAS + OTHERS)), sessions)
    const { lastSeq } = await streamExtent(log, 0)
    while ((await log.archive.heights())[0]! < lastSeq) await sleep(100)

    const verified = async (where: string): Promise<Figure> => {
      const rates: number[] = []
      const cpu = () => SERVERS.map((name) => cpuMsOf(spool.pidOf(name)))
      const before = cpu()
      let seen = 0
      for (let round = 0; round < rounds; round++) {
        const env = { ...process.env, SPOOL_DATA: spool.dataFolder }
        const { stdout } = await run(process.execPath, [program, 'verify', '--json'], { env })
        const found = JSON.parse(stdout) as Verified
        if (!found.ok) throw new Error(stdout)
        rates.push(found.events_per_second)
        seen += found.events
      }
      const after = cpu()
      const each = SERVERS.map((name, at) => `${name} ${(((after[at]! - before[at]!) * 1000) / seen).toFixed(1)}`)
      const best = Math.max(...rates)
      return {
        what: `spool verify of ${(seen / rounds).toLocaleString('en')} events, ${where}`,
        unit: 'events/s',
        sync,
        spool: { best, worst: Math.min(...rates) },
        beside: {},
        asked: { text: `${ASKED_PER_SECOND.toLocaleString('en')}/s`, reached: best >= ASKED_PER_SECOND },
        note: `Processor time of the servers, µs per event: ${each.join(', ')}.`,
      }
    }
    const inJetStream = await verified('everything still in JetStream')
    await purgeBefore(log, 0, 1, Math.floor(lastSeq / 2))
    return [inJetStream, await verified('half of it only in Postgres')]
  } finally {
    await bus.close()
    await spool.stop()
  }
}

/** Of runs that have ended: nobody works on while this measures. */
async function writeAnswers(log: Log, answers: number, sessions: number): Promise<void> {
  const conversation = async (session: number) => {
    const one = new Conversation(log, `verify-${session}`, 'bench')
    for (let answer = session; answer < answers; answer += sessions) await one.answer(DELTAS)
  }
  await Promise.all(Array.from({ length: sessions }, (_, session) => conversation(session)))
}

if (import.meta.main) await measured(measureVerify)
