import { type RunState, say } from '@spool/events'
import type { Refusal } from './decision.ts'

/** What is told to who wants to cancel a run that came to its end otherwise; null: it did not. */
export function alreadyEnded({ status, language }: RunState): Refusal | null {
  if (status !== 'done' && status !== 'limit' && status !== 'failed') return null
  const message = say(language, 'refusal.run_ended', { status: say(language, `ended.${status}`) })
  return { status: 409, code: 'run_ended', message }
}
