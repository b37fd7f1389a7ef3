import type { MemoryState, RunState } from '../state/run-state.ts'
import type { SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { addUsage, NO_USAGE } from '../vocabulary/usage.ts'
import { withLast } from './with-last.ts'

// Memory comes after the run's end, so it is the one thing of an ended run that still changes.

type MemoryEvent = EventOf<'memory.progress'> | EventOf<'memory.updated'> | EventOf<'memory.failed'>

export function foldMemory(state: SessionState, event: MemoryEvent, seq: number): SessionState {
  return withMemory(state, event.run, seq, (memory) => {
    switch (event.type) {
      case 'memory.progress':
        return { ...memory, found: event.found }
      case 'memory.updated':
        return {
          ...memory,
          status: 'updated',
          count: event.count,
          usage: event.usage === undefined ? memory.usage : addUsage(NO_USAGE, event.usage),
        }
      case 'memory.failed':
        return { ...memory, status: 'failed', error: event.error }
    }
  })
}

/** Changes a memory that is not settled; the run's window ends with the event that settles it. */
export function withMemory(
  state: SessionState,
  run: string,
  seq: number,
  change: (memory: MemoryState) => MemoryState,
): SessionState {
  const runs = withLast(state.runs, run, (before): RunState => {
    if (before.memoryState.status !== 'pending') return before
    const memoryState = change(before.memoryState)
    const closes = memoryState.status !== 'pending' && before.endedSeq !== null
    return { ...before, memoryState, lastSeq: closes ? seq : before.lastSeq }
  })
  return runs === state.runs ? state : { ...state, runs }
}
