/**
 * What a system adds between the making of a token and its reading: `node test/bench/latency.ts [--quick] [--sync always]`.
 * The model of each makes tokens that carry the time at which they were made, at the same pace, and the same client
 * process reads them. Only tokens of the steady middle count, after the same load for a while has warmed everything up.
 */
import type { Figure, Setting, Sync } from './figure.ts'
import { measureStreams, type StreamsAsked, type StreamsMeasured } from './measure-streams.ts'
import { measured } from './measuring.ts'
import { startSpoolSystem } from './spool-system.ts'
import type { StreamSystem } from './stream-system.ts'

const STREAMS = [50, 200]
const TOKENS_PER_SECOND = 50
const GOAL = { streams: 200, p50: 1.5, p99: 20 }

interface Measured extends StreamsMeasured {
  system: string
  asked: StreamsAsked
}

export async function measureLatency({ sync, quick }: Setting): Promise<readonly Figure[]> {
  const all: Measured[] = []
  for (const start of systems(sync)) all.push(...(await measureSystem(start, quick)))
  return STREAMS.flatMap((streams) =>
    [false, true].map((resumed) => {
      const these = all.filter(({ asked }) => asked.streams === streams && asked.resumed === resumed)
      return figureOf(these, sync)
    }),
  )
}

const systems = (sync: Sync): (() => Promise<StreamSystem>)[] => [() => startSpoolSystem(sync)]

async function measureSystem(start: () => Promise<StreamSystem>, quick: boolean): Promise<Measured[]> {
  const system = await start()
  try {
    const measure = (streams: number, resumed: boolean, seconds: number) =>
      measureStreams(system, { streams, tokensPerSecond: TOKENS_PER_SECOND, resumed, seconds })
    await measure(STREAMS.at(-1)!, true, quick ? 1 : 3)
    const all: Measured[] = []
    for (const streams of STREAMS) {
      for (const resumed of [false, true]) {
        const seconds = quick ? 2 : 10
        const found = await measure(streams, resumed, seconds)
        const asked = { streams, resumed, seconds, tokensPerSecond: TOKENS_PER_SECOND }
        all.push({ ...found, system: system.name, asked })
        process.stderr.write(`${lineOf(all.at(-1)!)}\n`)
      }
    }
    return all
  } finally {
    await system.stop()
  }
}

function figureOf(all: readonly Measured[], sync: Sync): Figure {
  const spool = all.find(({ system }) => system === 'spool')!
  const { streams, resumed } = spool.asked
  const isGoal = streams === GOAL.streams && !resumed && sync === 'default'
  return {
    what: `added latency, ${streams} streams of ${TOKENS_PER_SECOND} tokens/s, ${resumed ? 'resumed' : 'live'}`,
    unit: 'ms',
    sync,
    spool: shown(spool),
    beside: Object.fromEntries(all.filter((one) => one !== spool).map((one) => [one.system, shown(one)])),
    ...(isGoal && {
      asked: {
        text: `p50 <= ${GOAL.p50}, p99 <= ${GOAL.p99}`,
        reached: spool.p50 <= GOAL.p50 && spool.p99 <= GOAL.p99,
      },
    }),
    note: `per cent of a core: ${all.map((one) => `${one.system}: ${cpuOf(one)}`).join('; ')}`,
  }
}

const shown = ({ p50, p99, max }: Measured) => ({ p50, p99, max })

const cpuOf = ({ cpu }: Measured) =>
  Object.entries(cpu)
    .map(([group, share]) => `${group} ${Math.round(share)}`)
    .join(', ')

function lineOf(one: Measured): string {
  const { system, asked, p50, p99, max, tokens, eventsPerSecond, faults, firstFault } = one
  const times = [p50, p99, max].map((ms) => ms.toFixed(2)).join(' / ')
  const faulty = faults === 0 ? '' : `; ${faults} STREAMS WITH FAULTS: ${firstFault}`
  return (
    `${system}, ${asked.streams} ${asked.resumed ? 'resumed' : 'live'}: p50/p99/max ${times} ms, ${tokens} tokens, ` +
    `${Math.round(eventsPerSecond)} events/s; ${cpuOf(one)}${faulty}`
  )
}

if (import.meta.main) await measured(measureLatency)
