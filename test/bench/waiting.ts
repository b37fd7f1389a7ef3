/**
 * What sessions cost that wait for a person, in processor time of all of Spool and its servers. The same system by turns
 * idle, with so many sessions that wait, and with somebody who follows each of them: whatever else goes on in this machine
 * concerns all three.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { followOnce } from '../e2e/support/follower.ts'
import { start } from '../e2e/support/system.ts'
import { cpuMsOf } from './cpu-time.ts'
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'

const PROCESSES = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence', 'nats', 'postgres']
const MOST_PERCENT = 1

interface Size {
  sessions: number
  rounds: number
  seconds: number
  /** What is left to do of what went before: storing it, collecting garbage. */
  settleMs: number
}

export async function measureWaiting({ quick, sync }: Setting): Promise<Figure[]> {
  const size = quick
    ? { sessions: 10, rounds: 1, seconds: 1, settleMs: 500 }
    : { sessions: 200, rounds: 3, seconds: 20, settleMs: 4000 }
  const spool = await startSpool()
  try {
    const states = await sharesOfStates(spool, size)
    const means = states.map((all) => PROCESSES.map((_, part) => mean(all.map((each) => each[part]!))))
    const [idle, waiting, followed] = means as [number[], number[], number[]]
    const more = (shares: readonly number[]) => sum(shares) - sum(idle)
    const figureOf = (what: string, shares: readonly number[], asked: boolean): Figure => ({
      what: `processor time of ${what}, % of a core`,
      unit: '%',
      sync,
      spool: { all: sum(shares), ...Object.fromEntries(PROCESSES.map((name, at) => [name, shares[at]!])) },
      beside: {},
      ...(asked && {
        asked: { text: `less than ${MOST_PERCENT} % more than none`, reached: more(shares) < MOST_PERCENT },
        note: `${more(shares).toFixed(2)} % more than none.`,
      }),
    })
    return [
      figureOf('an idle system', idle, false),
      figureOf(`${size.sessions} sessions that wait for a person`, waiting, true),
      figureOf(`${size.sessions} sessions that wait, each followed`, followed, false),
    ]
  } finally {
    await spool.stop()
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]) => sum(values) / values.length

/** Of the three states, of each round, of each process. The first round warms up and is not counted. */
async function sharesOfStates(spool: SpoolUnderTest, size: Size): Promise<number[][][]> {
  const states: [number[][], number[][], number[][]] = [[], [], []]
  for (let round = 0; round <= size.rounds; round++) {
    const counts = round > 0
    if (counts) states[0].push(await sharesOf(spool, size))
    const names = Array.from({ length: size.sessions }, (_, index) => `waiting-${round}-${index}`)
    const cancels = await someAtOnce(names, (name) => askIn(spool, name))
    if (counts) {
      states[1].push(await sharesOf(spool, size))
      const enough = new AbortController()
      for (const name of names) {
        const events = `${spool.url}/v1/sessions/${name}/events`
        void followOnce(events, { key: spool.key, signal: enough.signal })
      }
      states[2].push(await sharesOf(spool, size))
      enough.abort()
    }
    await someAtOnce(cancels, (path) => cancel(spool, path))
  }
  return states
}

/** The share of a core, in per cent, that each process takes over a while. */
async function sharesOf(spool: SpoolUnderTest, { settleMs, seconds }: Size): Promise<number[]> {
  await sleep(settleMs)
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

if (import.meta.main) await measured(measureWaiting)
