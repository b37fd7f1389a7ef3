import { type SessionState, draft, runOf } from '@spool/events'
import { type Circumstances, type Decision, type Trigger, NOTHING, append } from '../deciding/decision.ts'

/** Says how much was found, and then what; both only while somebody waits for it. */
export function decideMemory(
  state: SessionState,
  { run: id, memories }: Extract<Trigger, { kind: 'remember' }>,
  { now }: Pick<Circumstances, 'now'>,
): Decision {
  const memory = memoryDue(state, id)
  if (memory === null) return NOTHING
  const count = memories.length
  if (memory.found !== count) return append(draft('memory.progress', { run: id, found: count }, now))
  return append(draft('memory.updated', { run: id, count, memories, usage: memory.usage }, now))
}

/** A memory that a model has extracted and nobody has taken up or given up yet. */
export function memoryDue(state: SessionState, id: string) {
  const run = runOf(state, id)
  if (run === undefined || run.endedSeq === null) return null
  const { memoryState } = run
  return memoryState.status === 'pending' && memoryState.message?.status === 'complete' ? memoryState : null
}
