import { type RunState, type SessionState, draft, endOfExternal, runOf } from '@spool/events'
import { endCancelled } from './close-cancelled.ts'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'
import { nextOfMemory } from './next-of-memory.ts'
import { nextOfRun } from './next-of-run.ts'
import { takeUpResult } from './take-up-result.ts'

/** What the session itself calls for, whoever asks. */
export function nextOfSession(state: SessionState, circumstances: Circumstances): Decision {
  const cancelledInQueue = state.runs.find((run) => run.status === 'queued' && run.cancelRequested !== null)
  if (cancelledInQueue !== undefined) return endCancelled(cancelledInQueue, circumstances)
  const result = takeUpResult(state, circumstances)
  if (result.kind !== 'nothing') return result
  const ofRuns = nextOfRuns(state, circumstances)
  // Memory comes last: neither the next message nor its answer waits for it.
  return ofRuns.kind === 'nothing' ? nextOfMemory(state, circumstances) : ofRuns
}

function nextOfRuns(state: SessionState, circumstances: Circumstances): Decision {
  const active = runOf(state, state.activeRun)
  if (active === undefined) return startQueued(state, circumstances)
  // A producer brings its own run on, but does not hear of a cancel.
  const isOurs = active.kind === 'agent' || active.cancelRequested !== null
  return isOurs ? nextOfRun(state, active, circumstances) : afterProducer(state, active, circumstances)
}

/** The gateway that closed the message may have died before it ended the run. */
function afterProducer(state: SessionState, run: RunState, { now }: Circumstances): Decision {
  const end = endOfExternal(state, run, now)
  return end === null ? NOTHING : append(end)
}

function startQueued(state: SessionState, { now }: Circumstances): Decision {
  const run = state.runs.find((candidate) => candidate.status === 'queued')
  return run === undefined ? NOTHING : append(draft('run.started', termsOf(run), now))
}

function termsOf(run: RunState) {
  return {
    run: run.id,
    kind: run.kind,
    memory: run.memory,
    on_disconnect: run.on_disconnect,
    agent: run.agent ?? undefined,
    model: run.model ?? undefined,
    language: run.language ?? undefined,
    input: run.input ?? undefined,
    user: run.user ?? undefined,
    confirmation: run.confirmation ?? undefined,
    limits: run.limits ?? undefined,
    key: run.key ?? undefined,
    body_hash: run.body_hash ?? undefined,
    metadata: run.metadata ?? undefined,
    context: run.context,
    blob: run.contextBlob,
  }
}
