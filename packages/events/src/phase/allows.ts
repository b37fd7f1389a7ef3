import { isBeingImported, type SessionState } from '../state/session-state.ts'
import type { SpoolEvent } from '../vocabulary/event.ts'
import { allowsForked, copying } from './allows-fork.ts'
import { allowsConfirmation, allowsPlan, allowsQuestion } from './allows-question.ts'
import { allowsAdded, allowsCompleted, allowsRequested, allowsStarted } from './allows-message.ts'
import { allowsDelta, allowsFailedGeneration, allowsGeneration } from './allows-generation.ts'
import { allowsCancelRequest, allowsEnd, allowsMemory, allowsQueued, allowsRun } from './allows-run.ts'
import { allowsCall, allowsToolEnd, allowsToolProgress, allowsToolStart } from './allows-tool.ts'
import { active } from './rules.ts'

/**
 * Why a writer may not append this event to this session; null: it may. A reader folds such an event all the same
 * (the log is the truth) and reports the reason. Of types that this release does not know it cannot judge.
 */
export function allows(state: SessionState, event: SpoolEvent): string | null {
  if (state.erased) return 'the session is erased'
  if (isBeingImported(state)) return allowsWhileImporting(event)
  switch (event.type) {
    case 'session.forked':
      return allowsForked(state, event)
    case 'run.queued':
      return allowsQueued(state, event)
    case 'run.started':
      return allowsRun(state, event)
    case 'run.status':
      return active(state, event.run)
    case 'artifact.created':
      return event.run === undefined ? copying(state) : active(state, event.run)
    case 'run.cancel_requested':
      return allowsCancelRequest(state, event)
    case 'run.completed':
    case 'run.cancelled':
    case 'run.failed':
      return allowsEnd(state, event)
    case 'message.added':
      return allowsAdded(state, event)
    case 'message.requested':
      return allowsRequested(state, event)
    case 'message.started':
      return allowsStarted(state, event)
    case 'message.completed':
      return allowsCompleted(state, event)
    case 'generation.started':
      return allowsGeneration(state, event)
    case 'generation.failed':
      return allowsFailedGeneration(state, event)
    case 'text.delta':
    case 'reasoning.delta':
    case 'tool.input.delta':
      return allowsDelta(state, event)
    case 'plan.proposed':
      return allowsPlan(state, event)
    case 'confirmation.requested':
      return allowsQuestion(state, event)
    case 'confirmation.resolved':
      return allowsConfirmation(state, event)
    case 'tool.called':
      return allowsCall(state, event)
    case 'tool.started':
      return allowsToolStart(state, event)
    case 'tool.progress':
      return allowsToolProgress(state, event)
    case 'tool.completed':
    case 'tool.failed':
      return allowsToolEnd(state, event)
    case 'memory.progress':
    case 'memory.updated':
    case 'memory.failed':
      return allowsMemory(state, event)
    default:
      return event.type.startsWith('custom.') && event.run !== undefined ? active(state, event.run) : null
  }
}

/** The history itself is not asked: it has been allowed where it comes from. */
function allowsWhileImporting({ type }: SpoolEvent): string | null {
  return type === 'session.imported' || type === 'session.erased' ? null : 'the session is being imported'
}
