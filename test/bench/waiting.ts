/**
 * What sessions cost that wait for a person, in processor time of all of Spool and its servers:
 * `npm run build && node test/bench/waiting.ts [sessions] [rounds] [seconds]`
 * The same system by turns idle, with so many sessions that wait, and with somebody who follows each of them: whatever
 * else goes on in this machine concerns all three. Linux only.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { followOnce } from '../e2e/support/follower.ts'
import { start } from '../e2e/support/system.ts'
import { cpuMsOf } from './cpu-time.ts'

const [sessions = 200, rounds = 3, seconds = 20] = process.argv.slice(2).map(Number)
const PROCESSES = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence', 'nats', 'postgres']
/** What is left to do of what went before: storing it, collecting garbage. */
const SETTLE_MS = 4000

const say = (line: string) => process.stdout.write(`${line}\n`)
const columns = (cells: readonly string[]) => cells.map((cell) => cell.slice(0, 9).padStart(10)).join('')
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** The share of a core, in per cent, that each process takes over a while. */
async function measure(spool: SpoolUnderTest): Promise<number[]> {
  await sleep(SETTLE_MS)
  const before = PROCESSES.map((name) => cpuMsOf(spool.pidOf(name)))
  const startedAt = performance.now()
  await sleep(seconds * 1000)
  const elapsedMs = performance.now() - startedAt
  return PROCESSES.map((name, index) => ((cpuMsOf(spool.pidOf(name)) - before[index]!) / elapsedMs) * 100)
}

async function askIn(spool: SpoolUnderTest, session: string): Promise<string> {
  const body = { message: 'Tidy up', agent: 'demo-plan', confirmation: { timeout_seconds: 86_400 } }
  const { body: answer } = await start(spool, session, body, { prefer: 'wait=60' })
  if (answer['status'] !== 'awaiting_confirmation') throw new Error(`it does not wait: ${JSON.stringify(answer)}`)
  return (answer['links'] as { cancel: string }).cancel
}

async function cancel(spool: SpoolUnderTest, path: string): Promise<void> {
  await fetch(spool.url + path, { method: 'POST', headers: { authorization: `Bearer ${spool.key}` } })
}

async function someAtOnce<From, To>(from: readonly From[], work: (each: From) => Promise<To>): Promise<To[]> {
  const done: To[] = []
  for (let at = 0; at < from.length; at += 20) done.push(...(await Promise.all(from.slice(at, at + 20).map(work))))
  return done
}

/** Each state's shares, of all rounds. */
const shares = { idle: [] as number[][], waiting: [] as number[][], followed: [] as number[][] }

const spool = await startSpool()
try {
  // The first round warms up and is not counted.
  for (let round = 0; round <= rounds; round++) {
    const idle = round === 0 ? null : await measure(spool)
    const names = Array.from({ length: sessions }, (_, index) => `waiting-${round}-${index}`)
    const cancels = await someAtOnce(names, (name) => askIn(spool, name))
    if (idle !== null) {
      shares.idle.push(idle)
      shares.waiting.push(await measure(spool))
      const enough = new AbortController()
      for (const name of names) {
        const events = `${spool.url}/v1/sessions/${name}/events`
        void followOnce(events, { key: spool.key, signal: enough.signal })
      }
      shares.followed.push(await measure(spool))
      enough.abort()
    }
    await someAtOnce(cancels, (path) => cancel(spool, path))
  }
  say('% of a core'.padEnd(34) + columns([...PROCESSES, 'all']))
  const means = Object.fromEntries(
    Object.entries(shares).map(([state, all]) => {
      const mean = PROCESSES.map((_, index) => sum(all.map((each) => each[index]!)) / rounds)
      say(
        `${state}, ${rounds} times ${seconds} s`.padEnd(34) +
          columns([...mean, sum(mean)].map((share) => share.toFixed(2))),
      )
      say(`  each time ${all.map((each) => sum(each).toFixed(2)).join('  ')}`)
      return [state, sum(mean)]
    }),
  )
  const more = (state: string) => `${(means[state]! - means['idle']!).toFixed(2)} % of a core`
  say(
    `${sessions} sessions that wait cost ${more('waiting')} more than none (asked: under 1 %); each followed, ${more('followed')}`,
  )
} finally {
  await spool.stop()
}
process.exit(0)
