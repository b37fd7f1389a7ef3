import type { StreamsAsked } from '../measure-streams.ts'
import { CannotMeasure } from '../measuring.ts'
import type { StreamSystem } from '../stream-system.ts'
import { startDurableStreams, type Store, waysOfDurableStreams } from './durable-streams.ts'
import { startResumableStream } from './resumable-stream.ts'

export type Start = (load: StreamsAsked, quick: boolean) => Promise<StreamSystem>

export interface Peer {
  name: string
  /** Set up for such a load; when it is to be quick, without looking for what suits it. */
  start: Start
  /** Each way in which it can be set up, the one for little load first. */
  ways: readonly (() => Promise<StreamSystem>)[]
}

/** What people would use instead. */
export const PEERS: readonly Peer[] = [
  { name: 'resumable-stream on Redis', start: startResumableStream, ways: [startResumableStream] },
  { name: 'durable-streams in memory', ...durableStreams('memory') },
  { name: 'durable-streams on files', ...durableStreams('files') },
]

function durableStreams(store: Store): Pick<Peer, 'start' | 'ways'> {
  return { start: (load, quick) => startDurableStreams(store, load, quick), ways: waysOfDurableStreams(store) }
}

/** What one of them lacks here is a note in its line, and no reason to measure nothing. */
export async function unlessMissing<Found>(
  measure: () => Promise<Found>,
): Promise<{ found: Found } | { missing: string }> {
  try {
    return { found: await measure() }
  } catch (error) {
    if (error instanceof CannotMeasure) return { missing: error.message }
    throw error
  }
}
