import type { CallState } from '../state/call-state.ts'
import { isOpenCall } from '../state/call-state.ts'
import { callOf, type SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { turn } from './fold-conversation.ts'
import { withRunning } from './fold-run.ts'
import { withLast } from './with-last.ts'

export function callTool(state: SessionState, event: EventOf<'tool.called'>, seq: number): SessionState {
  if (callOf(state, event.call) !== undefined) return state
  const next = { ...state, calls: [...state.calls, newCall(event, seq)] }
  return withRunning(next, event.run, (run) => ({ ...run, toolCalls: run.toolCalls + 1 }))
}

type Course = EventOf<'tool.started'> | EventOf<'tool.progress'> | EventOf<'tool.completed'> | EventOf<'tool.failed'>

export function foldCall(state: SessionState, event: Course, seq: number): SessionState {
  const calls = withLast(state.calls, event.call, (call) => (isOpenCall(call) ? changed(call, event, seq) : call))
  if (calls === state.calls) return state
  const next = { ...state, calls }
  return event.type === 'tool.completed' || event.type === 'tool.failed' ? turn(next, event.run, seq) : next
}

function changed(call: CallState, event: Course, seq: number): CallState {
  switch (event.type) {
    case 'tool.started':
      return { ...call, status: 'started', attempt: event.attempt, worker: event.worker, lastSeq: seq }
    case 'tool.progress':
      return {
        ...call,
        progress: event.progress ?? call.progress,
        progressText: event.text ?? call.progressText,
        lastSeq: seq,
      }
    case 'tool.completed':
      return {
        ...call,
        status: 'completed',
        output: event.output ?? null,
        blob: event.blob ?? null,
        durationMs: event.duration_ms,
        endedAt: event.at,
        lastSeq: seq,
      }
    case 'tool.failed':
      return {
        ...call,
        status: 'failed',
        error: event.error,
        outcome: event.outcome,
        endedAt: event.at,
        lastSeq: seq,
      }
  }
}

function newCall(event: EventOf<'tool.called'>, seq: number): CallState {
  return {
    id: event.call,
    run: event.run,
    name: event.name,
    input: event.input ?? null,
    task: event.task ?? null,
    repeatable: event.repeatable,
    status: 'called',
    attempt: 0,
    worker: null,
    progress: null,
    progressText: null,
    output: null,
    blob: null,
    error: null,
    outcome: null,
    durationMs: null,
    calledAt: event.at,
    endedAt: null,
    firstSeq: seq,
    lastSeq: seq,
  }
}
