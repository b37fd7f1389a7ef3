/**
 * What a system adds between the making of a token and its reading: `node test/bench/latency.ts [--quick] [--sync always]`.
 * The model of each makes tokens that carry the time at which they were made, at the same pace, and the same client
 * process reads them. Only tokens of the steady middle count, after the same load for a while has warmed everything up.
 */
import type { Figure, Setting, Sync } from './figure.ts'
import { cpuLine, LEAST_SHARE, measureStreams, type StreamsAsked, type StreamsMeasured } from './measure-streams.ts'
import { measured } from './measuring.ts'
import { PEERS, type Start, unlessMissing } from './peers/peers.ts'
import { startSpoolSystem } from './spool-system.ts'

const STREAMS = [50, 200]
const TOKENS_PER_SECOND = 50
const GOAL = { streams: 200, p50: 1.5, p99: 20 }

interface Measured extends StreamsMeasured {
  set: string | undefined
  asked: StreamsAsked
}

export async function measureLatency({ sync, quick }: Setting): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const streams of STREAMS) {
    const spool = await measureSystem(() => startSpoolSystem(sync), streams, quick)
    const others: Record<string, Measured[] | { missing: string }> = {}
    for (const { name, start } of PEERS) {
      const outcome = await unlessMissing(() => measureSystem(start, streams, quick))
      others[name] = 'found' in outcome ? outcome.found : outcome
    }
    spool.forEach((one, index) => {
      const beside = Object.entries(others).map(([name, all]) => [name, 'missing' in all ? all : all[index]!] as const)
      figures.push(figureOf(one, Object.fromEntries(beside), sync))
      if (!one.asked.resumed) figures.push(costOf(one, Object.fromEntries(beside), sync))
    })
  }
  return figures
}

/** Live, and resumed. */
async function measureSystem(start: Start, streams: number, quick: boolean): Promise<Measured[]> {
  const load = { streams, tokensPerSecond: TOKENS_PER_SECOND, resumed: false, seconds: quick ? 2 : 10 }
  const system = await start(load, quick)
  try {
    if (!quick) await measureStreams(system, { ...load, resumed: true, seconds: 3 })
    const all: Measured[] = []
    for (const resumed of [false, true]) {
      const asked = { ...load, resumed }
      const one = { ...(await measureStreams(system, asked)), set: system.set, asked }
      process.stderr.write(`${system.name}, ${lineOf(one)}\n`)
      all.push(one)
    }
    return all
  } finally {
    await system.stop()
  }
}

function figureOf(spool: Measured, others: Record<string, Measured | { missing: string }>, sync: Sync): Figure {
  const { streams, resumed } = spool.asked
  const isGoal = streams === GOAL.streams && !resumed && sync === 'default'
  const remarks = Object.entries({ spool, ...others }).map(([name, one]) => `${name}: ${remark(one)}`)
  return {
    what: `added latency, ${streams} streams of ${TOKENS_PER_SECOND} tokens/s, ${resumed ? 'resumed' : 'live'}`,
    unit: 'ms',
    sync,
    spool: shown(spool)!,
    beside: Object.fromEntries(Object.entries(others).map(([name, one]) => [name, shown(one)])),
    ...(isGoal && {
      asked: {
        text: `p50 <= ${GOAL.p50}, p99 <= ${GOAL.p99}`,
        reached: spool.p50 <= GOAL.p50 && spool.p99 <= GOAL.p99 && isComplete(spool),
      },
    }),
    note: `per cent of a core: ${remarks.join('; ')}`,
  }
}

/** Of the steady middle, the making of the tokens included; of whole answers it is in `cost`. */
function costOf(spool: Measured, others: Record<string, Measured | { missing: string }>, sync: Sync): Figure {
  return {
    what: `processor time of a million tokens, ${spool.asked.streams} streams of ${TOKENS_PER_SECOND} tokens/s`,
    unit: 's',
    sync,
    spool: { all: secondsOf(spool) },
    beside: Object.fromEntries(
      Object.entries(others).map(([name, one]) => [name, 'missing' in one ? null : { all: secondsOf(one) }]),
    ),
    note: 'while answers go on, not of their beginnings and ends; the clients are not counted, what makes the tokens is',
  }
}

function secondsOf({ cpu, tokensPerSecond }: Measured): number {
  const { clients: _clients, elsewhere: _elsewhere, ...servers } = cpu
  const share = Object.values(servers).reduce((sum, one) => sum + one, 0)
  return (share / 100 / tokensPerSecond) * 1_000_000
}

function shown(one: Measured | { missing: string }): Record<string, number> | null {
  if ('missing' in one) return null
  const { p50, p99, max } = one
  return { p50, p99, max }
}

/** A figure of streams that lost something is none, whosoever they are: it says so. */
function remark(one: Measured | { missing: string }): string {
  if ('missing' in one) return one.missing
  const { set, faults, firstFault, ended } = one
  const words = [
    cpuLine(one),
    // What makes no tokens cannot be late with them.
    ...(isComplete(one) ? [] : [`ONLY ${Math.round(shareOf(one) * 100)} % OF THE TOKENS CAME IN TIME`]),
    ...(set === undefined ? [] : [set]),
    ...(faults === 0 ? [] : [`FAULTS IN ${faults} STREAMS: ${firstFault}`]),
    ...(ended ? [] : ['NOT ALL OF IT CAME']),
  ]
  return words.join(', ')
}

const shareOf = ({ tokensPerSecond, asked }: Measured) => tokensPerSecond / (asked.streams * asked.tokensPerSecond)
const isComplete = (one: Measured) => shareOf(one) >= LEAST_SHARE

function lineOf(one: Measured): string {
  const { asked, p50, p99, max, tokens, eventsPerSecond } = one
  const times = [p50, p99, max].map((ms) => ms.toFixed(2)).join(' / ')
  const load = `${asked.streams} ${asked.resumed ? 'resumed' : 'live'}`
  return `${load}: p50/p99/max ${times} ms, ${tokens} tokens, ${Math.round(eventsPerSecond)} events/s; ${remark(one)}`
}

if (import.meta.main) await measured(measureLatency)
