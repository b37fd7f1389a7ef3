import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf, cpuMsOfAll } from './cpu-time.ts'
import type { Counted } from './load/load-commands.ts'
import { now } from './load/connection.ts'
import { StreamLoad } from './load/stream-load.ts'
import type { StreamSystem } from './stream-system.ts'

export interface StreamsAsked {
  streams: number
  tokensPerSecond: number
  resumed: boolean
  /** Of the steady middle, in which tokens count. */
  seconds: number
}

export interface StreamsMeasured extends Counted {
  tokensPerSecond: number
  eventsPerSecond: number
  /** Per cent of a core, by group of processes; `clients` are ours, and what is `elsewhere` disturbs. */
  cpu: Readonly<Record<string, number>>
  faults: number
  firstFault: string | undefined
  /** All streams had their end in time. */
  ended: boolean
}

/** Beginning an answer costs more than its tokens: no more than these begin in a second, that the tokens are what is measured. */
const BEGUN_PER_SECOND = 100
/** Of the tokens that are asked for. With fewer the model itself does not get to make them, and none is late. */
export const LEAST_SHARE = 0.95
/** Once all have begun. Those that are to be cut come back before it is over. */
const SETTLE_SECONDS = 2.5
const AFTER_SECONDS = 1
const END_TIMEOUT_MS = 20_000

let plays = 0

export async function measureStreams(system: StreamSystem, asked: StreamsAsked): Promise<StreamsMeasured> {
  const { streams, tokensPerSecond, resumed, seconds } = asked
  const load = new StreamLoad()
  const beginSeconds = Math.max(1, streams / BEGUN_PER_SECOND)
  const settledAfter = beginSeconds + SETTLE_SECONDS
  try {
    const from = now() + settledAfter * 1000
    load.play({
      ...system.target,
      name: `play-${process.pid}-${++plays}`,
      streams,
      tokens: Math.ceil((settledAfter + seconds + AFTER_SECONDS) * tokensPerSecond),
      tokensPerSecond,
      overMs: beginSeconds * 1000,
      resumed,
      from,
      until: from + seconds * 1000,
    })
    await sleep(Math.max(0, from - now()))
    const groups = { ...system.processes, clients: [load.pid] }
    const cpuBefore = cpuOf(groups)
    const startedAt = performance.now()
    await sleep(seconds * 1000)
    const elapsedMs = performance.now() - startedAt
    const cpuAfter = cpuOf(groups)
    const { done, faults, firstFault, counted } = await load.untilDone(AFTER_SECONDS * 1000 + END_TIMEOUT_MS)
    const shares = Object.keys(cpuAfter).map((group) => [
      group,
      ((cpuAfter[group]! - cpuBefore[group]!) / elapsedMs) * 100,
    ])
    return {
      ...counted,
      tokensPerSecond: counted.tokens / seconds,
      eventsPerSecond: counted.events / seconds,
      cpu: Object.fromEntries(shares) as Record<string, number>,
      faults,
      firstFault,
      ended: done === streams,
    }
  } finally {
    load.stop()
  }
}

function cpuOf(groups: Readonly<Record<string, readonly number[]>>): Record<string, number> {
  const sums = Object.entries(groups).map(([group, pids]) => [group, pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0)])
  const known = Object.fromEntries(sums) as Record<string, number>
  return { ...known, elsewhere: cpuMsOfAll() - Object.values(known).reduce((sum, ms) => sum + ms, 0) }
}

/** For people: the share of a core of each group. */
export const cpuLine = ({ cpu }: Pick<StreamsMeasured, 'cpu'>): string =>
  Object.entries(cpu)
    .map(([group, share]) => `${group} ${Math.round(share)}`)
    .join(', ')
