import { cpuLine, LEAST_SHARE, measureStreams, type StreamsMeasured } from './measure-streams.ts'
import { MostSustained } from './most-sustained.ts'
import type { StreamSystem } from './stream-system.ts'

const LIMIT_MS = 250
const SECONDS = 5

export interface KneeAsked {
  /** Of each stream; the number of streams is what grows. */
  tokensPerSecond: number
  firstStreams: number
  /** Fewer need not be tried. */
  leastStreams?: number | undefined
  resumed: boolean
  quick: boolean
}

export interface Knee extends StreamsMeasured {
  set: string | undefined
  streams: number
}

/** What was measured with the most streams that held; `null`: not even the fewest did. */
export async function measureKnee(
  start: () => Promise<StreamSystem>,
  { tokensPerSecond, firstStreams, leastStreams, resumed, quick }: KneeAsked,
): Promise<Knee | null> {
  const most = new MostSustained(firstStreams, leastStreams)
  const load = { streams: firstStreams, tokensPerSecond, resumed, seconds: quick ? 2 : SECONDS }
  const startWarm = async () => {
    const started = await start()
    if (!quick) await measureStreams(started, { ...load, seconds: 1 })
    return started
  }
  let system = await startWarm()
  let best: Knee | null = null
  try {
    for (let streams = most.next; streams !== null; streams = quick && best !== null ? null : most.next) {
      const found = await measureStreams(system, { ...load, streams })
      const held = holds(found, streams * tokensPerSecond)
      process.stderr.write(`${system.name}, ${lineOf(streams, found, held)}\n`)
      if (held) best = { ...found, set: system.set, streams }
      most.tried(held)
      if (found.ended) continue
      // What is left of the load would be there in the next one.
      await system.stop()
      system = await startWarm()
    }
  } finally {
    await system.stop()
  }
  return best
}

const holds = ({ p99, tokensPerSecond, faults, ended }: StreamsMeasured, asked: number) =>
  ended && faults === 0 && p99 <= LIMIT_MS && tokensPerSecond >= asked * LEAST_SHARE

function lineOf(streams: number, found: StreamsMeasured, held: boolean): string {
  const { p50, p99, tokensPerSecond, eventsPerSecond, ended, firstFault } = found
  const rates = `${Math.round(tokensPerSecond)} tokens/s in ${Math.round(eventsPerSecond)} events/s`
  const why = held ? 'holds' : `does not hold${ended ? '' : ', has no end'}${firstFault ? `: ${firstFault}` : ''}`
  return `${streams} streams: ${rates}, p50/p99 ${p50.toFixed(1)} / ${p99.toFixed(1)} ms: ${why}; ${cpuLine(found)}`
}
