import type { Beside, RunState, SessionState } from '@spool/events'
import type { Decision } from '../deciding/decision.ts'
import { failTooLarge } from './fail-too-large.ts'
import { AROUND_SUMMARY, measurePrompt, newestOf, sumOf } from './prompt-sizes.ts'
import { LONGEST_SUMMARY, type SummaryCircumstances, shortenSummary, summarise, takeUpSummary } from './summarise.ts'

// A conversation that is longer than the window of its model: the older turns are summarised, in as many steps as the
// window of the summary's own call asks for; the newest stay as they are, and so does the message that is answered.

/** Where nobody says how much a model takes in. What takes in less says so: `afterTooLong`. */
const UNKNOWN_WINDOW = 128_000

/** An estimate may be that far above the truth: only what is larger by more is refused unasked. */
const SURELY = 1.5

/** All that the model is sent beside the conversation; `parameters` for the room that its answer needs. */
export type Asking = Beside & { readonly parameters?: Readonly<Record<string, unknown>> | undefined }

/** What has to come before the next answer of a run so that its prompt fits; null: it does. */
export function fitIntoWindow(
  state: SessionState,
  run: RunState,
  asking: Asking,
  windowTokens: number | null,
  circumstances: SummaryCircumstances,
): Decision | null {
  const taken = takeUpSummary(state, circumstances)
  if (taken !== null) return taken
  const window = windowTokens ?? UNKNOWN_WINDOW
  const { alone, summary, turns } = measurePrompt(state, run, asking)
  const forSummary = Math.min(LONGEST_SUMMARY, Math.floor(window / 8))
  const limit = limitOf(window, asking, alone + forSummary)
  if (alone + summary + sumOf(turns) <= limit) return null
  if (windowTokens !== null && alone > window * SURELY) return failTooLarge(run, [], circumstances)
  const room = limit - alone - forSummary
  const stay = newestOf(turns, window / 2, room)
  const goes = turns.slice(0, turns.length - stay.length)
  if (goes.length === 0) {
    return shortenSummary(state, run, limit - alone - sumOf(stay) - AROUND_SUMMARY, circumstances)
  }
  const terms = { summaryTokens: forSummary, promptTokens: Math.floor((window - forSummary) * 0.75) }
  return summarise(state, run, goes, terms, circumstances)
}

/** Leaves room for the answer; less of it where the message that is answered takes nearly all. */
function limitOf(window: number, { parameters }: Asking, least: number): number {
  const longest = parameters?.['max_tokens']
  const room = Math.min(typeof longest === 'number' ? longest : window / 4, window / 2)
  return Math.floor(Math.max(window - room, Math.min(window * 0.95, least)))
}
