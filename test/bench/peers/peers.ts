import { CannotMeasure } from '../measuring.ts'
import type { StreamSystem } from '../stream-system.ts'
import { type DurableStreamsSetting, startDurableStreams } from './durable-streams.ts'
import { startResumableStream } from './resumable-stream.ts'

export interface Peer {
  name: string
  start: () => Promise<StreamSystem>
}

/** What people would use instead. `writes` is what suits `durable-streams` best for what is measured. */
export const peers = (writes: DurableStreamsSetting['writes']): readonly Peer[] => [
  { name: 'resumable-stream on Redis', start: startResumableStream },
  { name: 'durable-streams in memory', start: () => startDurableStreams({ store: 'memory', writes }) },
  { name: 'durable-streams on files', start: () => startDurableStreams({ store: 'files', writes }) },
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
