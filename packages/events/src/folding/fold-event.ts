import type { Placed } from '../placed.ts'
import { emptySession, type SessionState } from '../state/session-state.ts'
import type { EventOf, SpoolEvent } from '../vocabulary/event.ts'
import { callTool, foldCall } from './fold-call.ts'
import {
  addMessage,
  completeMessage,
  failGeneration,
  foldIntoMessage,
  openMessage,
  requestMessage,
} from './fold-conversation.ts'
import { foldMemory } from './fold-memory.ts'
import { askQuestion, resolveQuestion } from './fold-question.ts'
import { endRun, queueRun, requestCancel, startRun, withRunning } from './fold-run.ts'

/** What an event says, apart from the phase that follows from it. The same state: it says nothing here. */
export function foldEvent(state: SessionState, seq: number, event: SpoolEvent): SessionState {
  switch (event.type) {
    case 'text.delta':
    case 'reasoning.delta':
    case 'tool.input.delta':
    case 'generation.started':
      return foldIntoMessage(state, at(seq, event))
    case 'generation.failed':
      return failGeneration(state, at(seq, event))
    case 'message.added':
      return addMessage(state, at(seq, event))
    case 'message.requested':
      return requestMessage(state, at(seq, event))
    case 'message.started':
      return openMessage(state, at(seq, event))
    case 'message.completed':
      return completeMessage(state, at(seq, event))
    case 'run.queued':
      return queueRun(state, event, seq)
    case 'run.started':
      return startRun(state, event, seq)
    case 'run.status':
      return withRunning(state, event.run, (run) => ({ ...run, phase: event.phase, statusText: event.text }))
    case 'run.cancel_requested':
      return requestCancel(state, event, seq)
    case 'run.completed':
    case 'run.cancelled':
    case 'run.failed':
      return endRun(state, event, seq)
    case 'plan.proposed':
      return withRunning(state, event.run, (run) => ({ ...run, plan: { seq, round: event.round, tasks: event.tasks } }))
    case 'confirmation.requested':
      return askQuestion(state, event, seq)
    case 'confirmation.resolved':
      return resolveQuestion(state, event, seq)
    case 'tool.called':
      return callTool(state, event, seq)
    case 'tool.started':
    case 'tool.progress':
    case 'tool.completed':
    case 'tool.failed':
      return foldCall(state, event, seq)
    case 'memory.progress':
    case 'memory.updated':
    case 'memory.failed':
      return foldMemory(state, event, seq)
    case 'artifact.created':
      return addArtifact(state, event, seq)
    case 'session.titled':
      return { ...state, title: event.title, results: state.results.filter((result) => result.purpose !== 'title') }
    case 'session.forked':
      return forkFrom(state, event, seq)
    case 'session.imported':
      return importHistory(state, event)
    case 'session.summarised':
      return {
        ...state,
        summary: { seq, up_to: event.up_to, text: event.text, messages: event.messages },
        results: state.results.filter((result) => result.purpose !== 'summary'),
      }
    case 'session.erased':
      return { ...emptySession(), firstSeq: seq, erased: true }
    // The texts of memories are not part of a session's state.
    case 'memory.deleted':
      return state
    // Of `custom.*` and of types that this release does not know.
    default:
      return state
  }
}

function at<Event extends SpoolEvent>(seq: number, event: Event): Placed<Event> {
  return { seq, event }
}

function forkFrom(state: SessionState, event: EventOf<'session.forked'>, seq: number): SessionState {
  const { from_session: session, from_cursor: cursor, copying, agent, language } = event
  const forkedFrom = { session, cursor, wholeSeq: copying === true ? null : seq }
  return { ...state, forkedFrom, agent: agent ?? state.agent, language: language ?? state.language }
}

function importHistory(state: SessionState, { importing }: EventOf<'session.imported'>): SessionState {
  const next: SessionState & { importing?: true } = { ...state }
  if (importing === true) next.importing = true
  else delete next.importing
  return next
}

function addArtifact(state: SessionState, event: EventOf<'artifact.created'>, seq: number): SessionState {
  if (state.artifacts.some((artifact) => artifact.id === event.artifact)) return state
  const artifact = {
    id: event.artifact,
    run: event.run ?? null,
    kind: event.kind,
    title: event.title,
    filename: event.filename,
    media_type: event.media_type,
    content: event.content ?? null,
    blob: event.blob ?? null,
    at: event.at,
    seq,
  }
  return { ...state, artifacts: [...state.artifacts, artifact] }
}
