import { cpuLine, measureStreams, type StreamsMeasured } from './measure-streams.ts'
import { MostSustained } from './most-sustained.ts'
import type { StreamSystem } from './stream-system.ts'

const LIMIT_MS = 250
/** Of the tokens that are asked for. With fewer the model itself does not get to make them, and none is late. */
const LEAST_SHARE = 0.95
const SECONDS = 5

export interface KneeAsked {
  /** Of each stream; the number of streams is what grows. */
  tokensPerSecond: number
  firstStreams: number
  resumed: boolean
  quick: boolean
}

/** What was measured with the most streams that held; `null`: not even the fewest did. */
export async function measureKnee(
  start: () => Promise<StreamSystem>,
  { tokensPerSecond, firstStreams, resumed, quick }: KneeAsked,
): Promise<(StreamsMeasured & { system: string; streams: number }) | null> {
  const most = new MostSustained(firstStreams)
  let system = await start()
  let best: (StreamsMeasured & { system: string; streams: number }) | null = null
  try {
    const measure = (streams: number, seconds: number) =>
      measureStreams(system, { streams, tokensPerSecond, resumed, seconds })
    await measure(firstStreams, 1)
    for (let streams = most.next; streams !== null; streams = quick && best !== null ? null : most.next) {
      const found = await measure(streams, quick ? 2 : SECONDS)
      const held = holds(found, streams * tokensPerSecond)
      process.stderr.write(`${lineOf(system.name, streams, found, held)}\n`)
      if (held) best = { ...found, system: system.name, streams }
      most.tried(held)
      if (found.ended) continue
      // What is left of the load would be there in the next one.
      await system.stop()
      system = await start()
      await measure(firstStreams, 1)
    }
  } finally {
    await system.stop()
  }
  return best
}

const holds = ({ p99, tokensPerSecond, faults, ended }: StreamsMeasured, asked: number) =>
  ended && faults === 0 && p99 <= LIMIT_MS && tokensPerSecond >= asked * LEAST_SHARE

function lineOf(system: string, streams: number, found: StreamsMeasured, held: boolean): string {
  const { p50, p99, tokensPerSecond, eventsPerSecond, ended, firstFault } = found
  const rates = `${Math.round(tokensPerSecond)} tokens/s in ${Math.round(eventsPerSecond)} events/s`
  const why = held ? 'holds' : `does not hold${ended ? '' : ', has no end'}${firstFault ? `: ${firstFault}` : ''}`
  return `${system}, ${streams} streams: ${rates}, p50/p99 ${p50.toFixed(1)} / ${p99.toFixed(1)} ms: ${why}; ${cpuLine(found)}`
}
