import { type MessageState, type RunState, type SessionState, draft, isOpenMessage, runOf } from '@spool/events'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'

/** How long the one who streams may take to close a message whose run was cancelled. */
export const CLOSING_GRACE_MS = 500

/** Failures of one way to a model that its next call would meet again. */
const LASTING: ReadonlySet<string> = new Set([
  'provider_refused',
  'provider_quota_exhausted',
  'provider_unknown_model',
  'provider_context_too_long',
  'provider_unsupported',
])

/** Failures that the same message would meet on every way. */
const OF_THE_MESSAGE: ReadonlySet<string> = new Set(['provider_content_filtered', 'provider_bad_request'])

/** What the session itself calls for, whoever asks. */
export function nextOfSession(state: SessionState, circumstances: Circumstances): Decision {
  const cancelledInQueue = state.runs.find((run) => run.status === 'queued' && run.cancelRequested !== null)
  if (cancelledInQueue !== undefined) return endCancelled(cancelledInQueue, circumstances)
  const active = runOf(state, state.activeRun)
  if (active === undefined) return startQueued(state, circumstances)
  // A producer brings its own run on, but does not hear of a cancel.
  const isOurs = active.kind === 'agent' || active.cancelRequested !== null
  return isOurs ? nextOfRun(state, active, circumstances) : NOTHING
}

function startQueued(state: SessionState, { now }: Circumstances): Decision {
  const run = state.runs.find((candidate) => candidate.status === 'queued')
  if (run === undefined) return NOTHING
  const terms = {
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
  }
  return append(draft('run.started', terms, now))
}

function nextOfRun(state: SessionState, run: RunState, circumstances: Circumstances): Decision {
  const { now } = circumstances
  const answer = state.messages.findLast((message) => message.run === run.id && message.purpose === 'answer')
  if (run.cancelRequested !== null) return closeCancelled(run, answer, circumstances)
  if (answer !== undefined && isOpenMessage(answer)) return isOverTime(run, now) ? cancelOverTime(run, now) : NOTHING
  if (answer !== undefined) return endOfRun(run, answer, circumstances)
  if (run.waiting !== null) {
    const { message, parts } = run.waiting
    return append(draft('message.added', { run: run.id, message, role: 'user', parts: [...parts] }, now))
  }
  const hasInput = state.messages.some((message) => message.id === run.input)
  return hasInput ? requestAnswer(run, circumstances) : NOTHING
}

function requestAnswer(run: RunState, { now, newId, agents }: Circumstances): Decision {
  const agent = agents.find(run.agent ?? agents.byDefault)
  const model = run.model ?? agent?.model ?? 'default'
  const instructions = agent?.instructions
  return append(
    draft('message.requested', { run: run.id, message: newId(), purpose: 'answer', model, instructions }, now),
  )
}

function endOfRun(run: RunState, answer: MessageState, circumstances: Circumstances): Decision {
  const { now } = circumstances
  if (answer.status === 'complete') {
    const duration_ms = Math.max(0, now.getTime() - Date.parse(run.startedAt ?? now.toISOString()))
    const end = { run: run.id, status: 'done' as const, usage: run.usage, steps: run.steps, duration_ms }
    return append(draft('run.completed', end, now))
  }
  if (answer.reason === 'cancelled' || answer.reason === 'client_disconnected') return endCancelled(run, circumstances)
  const last = answer.failures.at(-1)?.error
  const code = last?.code ?? answer.reason ?? 'failed'
  const error = {
    code,
    message: last?.message ?? 'The answer could not be finished. What came of it is kept; send the message again.',
    retryable: mayHelp(answer, code),
  }
  const attempts = answer.failures.map(({ provider, model, error: why }) => ({
    provider: provider ?? 'unknown',
    model: model ?? 'unknown',
    error: why,
  }))
  return append(draft('run.failed', { run: run.id, error, attempts, usage: run.usage }, now))
}

/** Sending it again may help where one of the ways was only closed for now. */
function mayHelp({ failures }: MessageState, code: string): boolean {
  if (OF_THE_MESSAGE.has(code)) return false
  return failures.length === 0 || failures.some(({ error }) => !LASTING.has(error.code))
}

/** The one who streams closes its message; where nobody does in time, or nobody has begun, it is closed from here. */
function closeCancelled(run: RunState, answer: MessageState | undefined, circumstances: Circumstances): Decision {
  const { now } = circumstances
  if (answer === undefined || !isOpenMessage(answer)) return endCancelled(run, circumstances)
  const waitedMs = now.getTime() - Date.parse(run.cancelRequested!.at)
  if (answer.status === 'streaming' && waitedMs < CLOSING_GRACE_MS) return NOTHING
  const reason = run.cancelRequested!.reason === 'client_disconnected' ? 'client_disconnected' : 'cancelled'
  return append(draft('message.completed', { run: run.id, message: answer.id, status: 'partial', reason }, now))
}

function endCancelled(run: RunState, { now }: Circumstances): Decision {
  const { by, reason } = run.cancelRequested ?? { by: 'user', reason: 'user' }
  return append(draft('run.cancelled', { run: run.id, by, reason, usage: run.usage }, now))
}

function isOverTime(run: RunState, now: Date): boolean {
  const limitSeconds = run.limits?.wall_clock_seconds
  if (limitSeconds === undefined || run.startedAt === null) return false
  return now.getTime() - Date.parse(run.startedAt) - run.waitedMs > limitSeconds * 1000
}

function cancelOverTime(run: RunState, now: Date): Decision {
  return append(draft('run.cancel_requested', { run: run.id, by: 'spool', reason: 'time_limit' }, now))
}
