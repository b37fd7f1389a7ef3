import {
  type RunState,
  type SessionState,
  cutHistory,
  draft,
  isOpenCall,
  isOpenMessage,
  runOf,
  say,
} from '@spool/events'
import { abandoned } from './close-cancelled.ts'
import { type Circumstances, type Decision, type Hopeless, type Trigger, NOTHING, append } from './decision.ts'

type GiveUp = Extract<Trigger, { kind: 'give-up' }>

/** A step that failed every time it was tried must not keep its run open for good. */
export function giveUp(state: SessionState, { about }: GiveUp, { now }: Circumstances): Decision {
  const remembering = 'after' in about ? runRemembering(about.after, state) : undefined
  if (remembering !== undefined) {
    const error = { code: 'memory_failed', message: say(remembering.language, 'error.memory_failed') }
    return append(draft('memory.failed', { run: remembering.id, error }, now))
  }
  const run = runAbout(about, state)
  const known = runOf(state, run)
  if (run === undefined || (known !== undefined && known.endedSeq !== null)) return NOTHING
  // A request whose every step failed may have no run in the log yet: its caller must hear of it all the same.
  if (known === undefined && !('request' in about)) return NOTHING
  const cut = state.activeRun === run ? cutHistory(state) : null
  if (cut !== null) return append(draft('message.added', cut, now))
  const open = state.messages.findLast((message) => message.run === run && isOpenMessage(message))
  if (open !== undefined) {
    const close = { run, message: open.id, status: 'partial' as const, reason: 'server_crashed' as const }
    return append(draft('message.completed', close, now))
  }
  if (state.question?.run === run) {
    const resolved = { run, confirmation: state.question.id, action: 'cancel' as const, by: 'spool', via: 'run.failed' }
    return append(draft('confirmation.resolved', resolved, now))
  }
  const call = state.calls.find((one) => one.run === run && isOpenCall(one))
  if (call !== undefined) return append(draft('tool.failed', { run, ...abandoned(call, known?.language) }, now))
  const error = { code: 'step_failed', message: say(known?.language, 'error.step_failed'), retryable: true }
  return append(draft('run.failed', { run, error, ...(known !== undefined && { usage: known.usage }) }, now))
}

/** A run that has ended, and whose memory the step was about: the one that runs meanwhile is not to blame. */
function runRemembering(position: number, { runs }: SessionState): RunState | undefined {
  return runs.find(
    ({ endedSeq, memoryState: { status, message } }) =>
      endedSeq !== null && status === 'pending' && (endedSeq === position || message?.seq === position),
  )
}

function runAbout(about: Hopeless, state: SessionState): string | undefined {
  if ('request' in about) return about.request.run
  return 'run' in about ? about.run : nextAfter(state, about.after)
}

/** The run that the step would have brought on. One that has ended since was it; those behind it are not to blame. */
function nextAfter(state: SessionState, position: number): string | undefined {
  if (state.runs.some(({ endedSeq }) => endedSeq !== null && endedSeq > position)) return undefined
  if (state.activeRun === null) return state.runs.find(({ status }) => status === 'queued')?.id
  // After the end of a run, and after its memory, there was another to begin, which it has.
  const isBefore = state.runs.some(
    ({ endedSeq, memoryState }) => endedSeq === position || memoryState.message?.seq === position,
  )
  return isBefore ? undefined : state.activeRun
}
