import type { RunState } from '../state/run-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { NO_USAGE } from '../vocabulary/usage.ts'

type Opening = EventOf<'run.queued'> | EventOf<'run.started'>

/** A run as its first event makes it. */
export function newRun(event: Opening, seq: number): RunState {
  return {
    ...blankRun(event.run, seq),
    kind: event.kind,
    agent: event.agent ?? null,
    model: event.model ?? null,
    language: event.language ?? null,
    input: event.input ?? null,
    user: event.user ?? null,
    memory: event.memory ?? 'off',
    confirmation: event.confirmation ?? null,
    on_disconnect: event.on_disconnect ?? 'continue',
    limits: event.limits ?? null,
    key: event.key ?? null,
    body_hash: event.body_hash ?? null,
    metadata: event.metadata ?? null,
    ...(event.context !== undefined && { context: event.context }),
    ...(event.blob !== undefined && { contextBlob: event.blob }),
    ...(event.type === 'run.queued'
      ? { queuedAt: event.at, waiting: { message: event.message, parts: event.parts } }
      : started(event, seq)),
  }
}

/** A run that waited and starts; its `run.started` says everything again. */
export function startQueued(run: RunState, event: EventOf<'run.started'>, seq: number): RunState {
  return {
    ...newRun(event, seq),
    firstSeq: run.firstSeq,
    queuedAt: run.queuedAt,
    waiting: run.waiting,
    cancelRequested: run.cancelRequested,
  }
}

/** A request that was refused after it had been accepted: its `run.failed` is all that the log says of it. */
export function refusedRun(id: string, seq: number): RunState {
  return blankRun(id, seq)
}

function started(event: EventOf<'run.started'>, seq: number): Partial<RunState> {
  const memory = event.memory === 'on' ? 'pending' : 'off'
  return {
    status: 'active',
    startedSeq: seq,
    startedAt: event.at,
    memoryState: { ...NO_MEMORY, status: memory },
  }
}

const NO_MEMORY: RunState['memoryState'] = {
  status: 'off',
  message: null,
  found: 0,
  count: null,
  usage: NO_USAGE,
  error: null,
}

function blankRun(id: string, seq: number): RunState {
  return {
    id,
    kind: 'agent',
    status: 'queued',
    phase: null,
    statusText: null,
    agent: null,
    model: null,
    language: null,
    input: null,
    user: null,
    memory: 'off',
    confirmation: null,
    on_disconnect: 'continue',
    limits: null,
    key: null,
    body_hash: null,
    metadata: null,
    waiting: null,
    firstSeq: seq,
    startedSeq: null,
    endedSeq: null,
    lastSeq: null,
    turnSeq: seq,
    queuedAt: null,
    startedAt: null,
    endedAt: null,
    waitedMs: 0,
    cancelRequested: null,
    steps: 0,
    toolCalls: 0,
    usage: NO_USAGE,
    plan: null,
    limit: null,
    cancelled: null,
    error: null,
    attempts: null,
    durationMs: null,
    memoryState: NO_MEMORY,
  }
}
