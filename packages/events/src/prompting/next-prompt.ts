import { runOf, type SessionState, type SummaryState } from '../state/session-state.ts'
import type { Beside } from '../vocabulary/message-events.ts'
import { doneText } from './done-text.ts'
import { systemText } from './system-text.ts'
import type { Turn } from './turn.ts'
import { endOf, turnsOf } from './turns.ts'

/** How much of it the results of the run's calls may be; both are said in the request. */
export interface PromptLimits {
  readonly resultTokens?: number | undefined
  readonly doneTokens?: number | undefined
}

/** What a model is sent for an answer, in its pieces. */
export interface NextPrompt {
  /** Without the summary. */
  readonly system: string
  readonly summary: SummaryState | null
  /** The run's own calls that the summary stands for. */
  readonly done: string
  readonly turns: readonly Turn[]
}

/** What a model would be sent in this run if it were asked for an answer now, or was for the request at `before`. */
export function nextPrompt(
  state: SessionState,
  run: string | null,
  beside: Beside,
  { resultTokens, doneTokens }: PromptLimits = {},
  before = Infinity,
): NextPrompt {
  const summary = summaryBefore(state, before)
  const spoken = state.messages.filter(({ role, firstSeq }) => role === 'system' && firstSeq < before)
  const input = runOf(state, run)?.input ?? null
  const turns = turnsOf(state, { run, after: endOf(summary), before, input, resultTokens })
  return {
    system: systemText(beside, spoken),
    summary,
    done: summary === null ? '' : doneText(state, run, turns, before, doneTokens),
    turns,
  }
}

/** A request from before the last summary was made is sent what it was sent then, as far as the state still knows. */
export function summaryBefore({ summary }: SessionState, before: number): SummaryState | null {
  return summary !== null && summary.seq < before ? summary : null
}
