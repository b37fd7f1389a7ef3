import { type FailedAttempt, type RunState, draft, say } from '@spool/events'
import { type Decision, append } from '../deciding/decision.ts'

/** The newest message alone is larger than the model's window: the one way in which a long conversation fails. */
export function failTooLarge(
  run: RunState,
  failures: readonly FailedAttempt[],
  { now }: { readonly now: Date },
): Decision {
  const message = say(run.language, 'error.message_too_large')
  const error = { code: 'message_too_large', message, retryable: false }
  const attempts = failures.map(({ provider, model, error: why }) => ({
    provider: provider ?? 'unknown',
    model: model ?? 'unknown',
    error: why,
  }))
  const tried = attempts.length > 0 && { attempts }
  return append(draft('run.failed', { run: run.id, error, ...tried, usage: run.usage }, now))
}
