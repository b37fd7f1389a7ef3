import { type Beside, type RunState, type SessionState, commonLimit, estimateJson } from '@spool/events'
import type { Decision } from '../deciding/decision.ts'
import { failTooLarge } from './fail-too-large.ts'
import { AROUND_SUMMARY, type SizedTurn, measurePrompt, newestOf, sumOf } from './prompt-sizes.ts'
import { LONGEST_SUMMARY, type SummaryCircumstances, shortenSummary, summarise, takeUpSummary } from './summarise.ts'

// A conversation that is longer than the window of its model: the older turns are summarised, in as many steps as the
// window of the summary's own call asks for; the newest stay as they are, and so does the message that is answered.

/** Where nobody says how much a model takes in. What takes in less says so: `afterTooLong`. */
const UNKNOWN_WINDOW = 128_000

/** An estimate may be that far above the truth: only what is larger by more is refused unasked. */
const SURELY = 1.5

/** In tokens, of the list of the run's own calls that were summarised: a sixth of a window between these. */
const [LEAST_DONE, MOST_DONE] = [160, 2_000]
/** A model whose window nobody knows may be a small one. */
const UNKNOWN_DONE = 400

/** Results are clipped down to this part of the window. */
const SHORTEST_RESULT = 16

/** All that the model is sent beside the conversation; `parameters` for the room that its answer needs. */
export type Asking = Beside & { readonly parameters?: Readonly<Record<string, unknown>> | undefined }

/** The next prompt fits, with these limits in its request. */
export interface Fits {
  readonly kind: 'fits'
  readonly limits: { readonly result_tokens?: number; readonly done_tokens?: number }
}

/** What has to come before the next answer of a run so that its prompt fits, or with which limits it does. */
export function fitIntoWindow(
  state: SessionState,
  run: RunState,
  asking: Asking,
  windowTokens: number | null,
  circumstances: SummaryCircumstances,
): Decision | Fits {
  const taken = takeUpSummary(state, circumstances)
  if (taken !== null) return taken
  const window = windowTokens ?? UNKNOWN_WINDOW
  const doneTokens = mostDone(windowTokens)
  const sizes = measurePrompt(state, run, asking, { doneTokens })
  const { alone, done, summary } = sizes
  const doneLimit = done > 0 && { done_tokens: doneTokens }
  const forSummary = Math.min(LONGEST_SUMMARY, Math.floor(window / 8))
  const limit = limitOf(window, asking, alone + forSummary)
  if (alone + summary + sumOf(sizes.turns) <= limit) return { kind: 'fits', limits: { ...doneLimit } }
  if (windowTokens !== null && alone - done > window * SURELY) return failTooLarge(run, [], circumstances)
  const room = limit - alone - forSummary
  const resultTokens = resultLimit(sizes.turns, Math.min(window / 2, room), window)
  const clipped = resultTokens !== Infinity
  const turns = clipped ? measurePrompt(state, run, asking, { doneTokens, resultTokens }).turns : sizes.turns
  if (clipped && alone + summary + sumOf(turns) <= limit) {
    return { kind: 'fits', limits: { ...doneLimit, result_tokens: resultTokens } }
  }
  const stay = newestStaying(turns, window / 2, room, doneTokens - done)
  const goes = turns.slice(0, turns.length - stay.length)
  if (goes.length === 0) {
    const left = limit - alone - sumOf(stay) - AROUND_SUMMARY
    const shorter = shortenSummary(state, run, left, circumstances)
    return shorter ?? { kind: 'fits', limits: { ...doneLimit, ...(clipped && { result_tokens: resultTokens }) } }
  }
  const terms = { summaryTokens: forSummary, promptTokens: Math.floor((window - forSummary) * 0.75) }
  return summarise(state, run, goes, terms, circumstances)
}

/** What the list of the run's own calls may take that a summary stands for. */
function mostDone(windowTokens: number | null): number {
  return windowTokens === null ? UNKNOWN_DONE : Math.max(LEAST_DONE, Math.min(MOST_DONE, Math.floor(windowTokens / 6)))
}

/**
 * Before the run forgets a step, the results of its calls become shorter, down to a length below which they say too
 * little; then older steps go.
 */
function resultLimit(turns: readonly SizedTurn[], room: number, window: number): number {
  const own = turns.filter(({ isOwn }) => isOwn)
  const results = own.flatMap(({ messages }) =>
    messages.flatMap((message) =>
      message.role === 'tool' ? message.content.map(({ output }) => estimateJson(output.value)) : [],
    ),
  )
  const around = sumOf(own) - results.reduce((sum, tokens) => sum + tokens, 0)
  const limit = commonLimit(results, room - around - results.length)
  return Math.max(limit, Math.ceil(window / SHORTEST_RESULT))
}

/** Where the run's own calls go, their list needs its room. */
function newestStaying(turns: readonly SizedTurn[], wanted: number, room: number, forDone: number) {
  const stay = newestOf(turns, wanted, room)
  const goesOwn = turns.slice(0, turns.length - stay.length).some(({ isOwn }) => isOwn)
  return goesOwn ? newestOf(turns, wanted, room - forDone) : stay
}

/** Leaves room for the answer; less of it where the message that is answered takes nearly all. */
function limitOf(window: number, { parameters }: Asking, least: number): number {
  const longest = parameters?.['max_tokens']
  const room = Math.min(typeof longest === 'number' ? longest : window / 4, window / 2)
  return Math.floor(Math.max(window - room, Math.min(window * 0.95, least)))
}
