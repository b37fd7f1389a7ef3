import { type MessageState, type RunState, draft, explainFailure, say } from '@spool/events'
import { endCancelled } from './close-cancelled.ts'
import { type Circumstances, type Decision, append } from './decision.ts'

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

export type Limit = 'steps' | 'tool_calls' | 'tokens'

/** What was done until the limit is kept. */
export function completeRun(run: RunState, { now }: Circumstances, limit?: Limit): Decision {
  const duration_ms = Math.max(0, now.getTime() - Date.parse(run.startedAt ?? now.toISOString()))
  const status = limit === undefined ? ('done' as const) : ('limit' as const)
  const end = { run: run.id, status, usage: run.usage, steps: run.steps, duration_ms }
  return append(draft('run.completed', { ...end, ...(limit && { limit }) }, now))
}

/** The answer could not be finished. In words for people; what the providers said is in the attempts. */
export function failRun(run: RunState, turn: MessageState, circumstances: Circumstances): Decision {
  if (turn.reason === 'cancelled' || turn.reason === 'client_disconnected') return endCancelled(run, circumstances)
  const last = turn.failures.at(-1)?.error
  const code = last?.code ?? turn.reason ?? 'failed'
  const message = explainFailure(run.language, code) ?? say(run.language, 'error.unfinished')
  const error = { code, message, retryable: mayHelp(turn, code) }
  const attempts = turn.failures.map(({ provider, model, error: why }) => ({
    provider: provider ?? 'unknown',
    model: model ?? 'unknown',
    error: why,
  }))
  return append(draft('run.failed', { run: run.id, error, attempts, usage: run.usage }, circumstances.now))
}

/** Sending it again may help where one of the ways was only closed for now. */
function mayHelp({ failures }: MessageState, code: string): boolean {
  if (OF_THE_MESSAGE.has(code)) return false
  return failures.length === 0 || failures.some(({ error }) => !LASTING.has(error.code))
}
