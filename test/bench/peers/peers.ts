import type { StreamsAsked } from '../measure-streams.ts'
import { CannotMeasure } from '../measuring.ts'
import type { StreamSystem } from '../stream-system.ts'
import { startDurableStreams } from './durable-streams.ts'
import { startResumableStream } from './resumable-stream.ts'

export type Start = (load: StreamsAsked, quick: boolean) => Promise<StreamSystem>

export interface Peer {
  name: string
  /** Set up for such a load; when it is to be quick, without looking for what suits it. */
  start: Start
}

/** What people would use instead. */
export const PEERS: readonly Peer[] = [
  { name: 'resumable-stream on Redis', start: startResumableStream },
  { name: 'durable-streams in memory', start: (load, quick) => startDurableStreams('memory', load, quick) },
  { name: 'durable-streams on files', start: (load, quick) => startDurableStreams('files', load, quick) },
]

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
