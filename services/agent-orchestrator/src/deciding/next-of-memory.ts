import { type RunState, type SessionState, draft, say } from '@spool/events'
import { memoryInstructions } from '../remembering/memory-instructions.ts'
import { agentOf } from './agent-of.ts'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'

/** So long after a run's end its memory is waited for; the streams of the run wait as well. */
export const MEMORY_PATIENCE_MS = 12_000

/** In tokens: of a longer run the longest pieces are clipped. */
const MOST_LOOKED_AT = 24_000

/** What is to be remembered of runs that have ended. */
export function nextOfMemory(state: SessionState, circumstances: Circumstances): Decision {
  const run = state.runs.find(
    (one) => one.endedSeq !== null && one.memoryState.status === 'pending' && isDue(one, circumstances),
  )
  return run === undefined ? NOTHING : memoryOf(state, run, circumstances)
}

function isDue({ memoryState: { message }, endedAt }: RunState, { now }: Circumstances): boolean {
  if (message === null || message.status === 'partial') return true
  return now.getTime() - Date.parse(endedAt ?? '') >= MEMORY_PATIENCE_MS
}

function memoryOf(state: SessionState, run: RunState, circumstances: Circumstances): Decision {
  const { now, newId } = circumstances
  const { message } = run.memoryState
  if (message === null) {
    if (!hasAnswer(state, run)) return append(draft('memory.updated', { run: run.id, count: 0, memories: [] }, now))
    const model = run.model ?? agentOf(run, circumstances)?.model ?? 'default'
    const window = circumstances.models.windowOf(model) ?? Infinity
    const prompt_tokens = Math.ceil(Math.min(MOST_LOOKED_AT, window / 2))
    const about = { run: run.id, message: newId(), purpose: 'memory' as const, model, prompt_tokens }
    return append(draft('message.requested', { ...about, instructions: memoryInstructions }, now))
  }
  const code = message.status === 'partial' ? 'memory_failed' : 'memory_timed_out'
  const error = { code, message: say(run.language, `error.${code}`) }
  return append(draft('memory.failed', { run: run.id, error }, now))
}

/** Of a run that came to nothing there is nothing to remember. */
function hasAnswer(state: SessionState, run: RunState): boolean {
  if (run.status !== 'done' && run.status !== 'limit') return false
  return state.messages.some(({ run: id, purpose, text }) => id === run.id && purpose === 'answer' && text !== '')
}
