import {
  type MessageState,
  type RunState,
  type SessionState,
  clipText,
  draft,
  estimateText,
  formatCursor,
  messageOf,
  parseCursor,
  say,
} from '@spool/events'
import { type Decision, append } from '../deciding/decision.ts'
import { digestOf } from './digest.ts'
import { type SizedTurn, oldestOf } from './prompt-sizes.ts'
import { summaryInstructions } from './summary-instructions.ts'

/** In tokens. What a model writes beyond it is clipped. */
export const LONGEST_SUMMARY = 4_000

/** A smaller prompt says nothing. */
const SHORTEST_PROMPT = 64

/** So often a summary is asked for with half as much, where the call itself is too long. */
const MOST_TRIES = 3

/** Of a summary that is to make room, less than this says less than that something was left out. */
const SHORTEST_SUMMARY = 48

export interface SummaryCircumstances {
  readonly now: Date
  readonly newId: () => string
  /** Of the session's log, for the cursor. Only its sequence is looked at here. */
  readonly epoch?: number
}

export interface SummaryTerms {
  readonly summaryTokens: number
  /** Of the call that writes it. */
  readonly promptTokens: number
}

/** The next step towards these turns being summarised: a model is asked, or where it could not, they are left out. */
export function summarise(
  state: SessionState,
  run: RunState,
  turns: readonly SizedTurn[],
  { summaryTokens, promptTokens }: SummaryTerms,
  circumstances: SummaryCircumstances,
): Decision {
  const tries = failedTries(state, run)
  const mayTryAgain = tries.length < MOST_TRIES && tries.every(wasTooLong)
  if (!mayTryAgain) {
    const text = digestOf(run, state.summary, turns, summaryTokens)
    return summarised(state, run.id, turns.at(-1)!.seq, text, circumstances)
  }
  const prompt_tokens = Math.max(SHORTEST_PROMPT, Math.floor(promptTokens / 2 ** tries.length))
  const before = state.summary === null ? 0 : estimateText(state.summary.text)
  const chunk = oldestOf(turns, Math.max(prompt_tokens / 2, prompt_tokens - before))
  const request = {
    run: run.id,
    message: circumstances.newId(),
    purpose: 'summary' as const,
    model: run.model ?? 'default',
    instructions: summaryInstructions,
    up_to: cursorOf(chunk.at(-1)!.seq, circumstances),
    prompt_tokens,
  }
  return append(draft('message.requested', request, circumstances.now))
}

/**
 * A summary that a model has written stands for its part of the conversation from now on. One that came too late,
 * since another stands for more, is let go: the other is said again. null: there is none.
 */
export function takeUpSummary(state: SessionState, circumstances: SummaryCircumstances): Decision | null {
  const written = state.results
    .filter(({ purpose }) => purpose === 'summary')
    .flatMap(({ message }) => messageOf(state, message) ?? [])
    .toSorted((one, other) => endOf(one) - endOf(other))
    .at(-1)
  if (written === undefined) return null
  const known = state.summary
  if (known !== null && endOf(written) <= (parseCursor(known.up_to)?.seq ?? 0)) {
    const { up_to, text, messages } = known
    return append(draft('session.summarised', { ...about(written.run), up_to, text, messages }, circumstances.now))
  }
  if (endOf(written) === 0) return null
  const count = countUpTo(state, endOf(written))
  const text = clipText(written.text.trim(), LONGEST_SUMMARY) || say(state.language, 'summary.left_out', { count })
  return summarised(state, written.run, endOf(written), text, circumstances)
}

/** Makes room by a shorter summary of the same. null: it is as short as it can be. */
export function shortenSummary(
  { summary }: SessionState,
  run: RunState,
  maxTokens: number,
  { now }: SummaryCircumstances,
): Decision | null {
  if (summary === null) return null
  const { up_to, messages } = summary
  const leftOut = say(run.language, 'summary.left_out', { count: messages })
  const text = maxTokens < SHORTEST_SUMMARY ? leftOut : clipText(summary.text, maxTokens)
  if (estimateText(text) >= estimateText(summary.text)) return null
  return append(draft('session.summarised', { run: run.id, up_to, text, messages }, now))
}

function summarised(
  state: SessionState,
  run: string | null,
  upTo: number,
  text: string,
  circumstances: SummaryCircumstances,
): Decision {
  const up_to = cursorOf(upTo, circumstances)
  const event = { ...about(run), up_to, text, messages: countUpTo(state, upTo) }
  return append(draft('session.summarised', event, circumstances.now))
}

/** Since the last summary: its calls that came to nothing. */
function failedTries(state: SessionState, run: RunState): readonly MessageState[] {
  const since = state.summary?.seq ?? 0
  return state.messages.filter(
    ({ run: id, purpose, status, firstSeq }) =>
      id === run.id && purpose === 'summary' && status === 'partial' && firstSeq > since,
  )
}

function wasTooLong({ failures }: MessageState): boolean {
  return failures.at(-1)?.error.code === 'provider_context_too_long'
}

function countUpTo({ messages }: SessionState, seq: number): number {
  return messages.filter(
    ({ role, purpose, firstSeq }) =>
      firstSeq <= seq && role !== 'system' && (purpose === null || purpose === 'answer' || purpose === 'plan'),
  ).length
}

function endOf({ request }: MessageState): number {
  return parseCursor(request?.upTo ?? '')?.seq ?? 0
}

function cursorOf(seq: number, { epoch = 1 }: SummaryCircumstances): string {
  return formatCursor({ epoch, seq })
}

function about(run: string | null) {
  return run === null ? {} : { run }
}
