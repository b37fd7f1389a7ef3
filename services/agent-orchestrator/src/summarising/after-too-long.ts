import type { MessageState, RunState, SessionState } from '@spool/events'
import type { Decision } from '../deciding/decision.ts'
import { failTooLarge } from './fail-too-large.ts'
import { measurePrompt, newestOf, sumOf } from './prompt-sizes.ts'
import { LONGEST_SUMMARY, type SummaryCircumstances, shortenSummary, summarise, takeUpSummary } from './summarise.ts'

/**
 * A model refused the prompt of this message as too long, though it seemed to fit: its window is smaller than it was
 * said to be, or not known. Each time half of what stays is summarised; the last time the summary itself goes. Then
 * only the message that is answered is left, and if that is still too long, it is too large.
 */
export function afterTooLong(
  state: SessionState,
  run: RunState,
  message: MessageState,
  circumstances: SummaryCircumstances,
): Decision | 'ask-again' {
  const taken = takeUpSummary(state, circumstances)
  if (taken !== null) return taken
  if (state.summary !== null && state.summary.seq > (message.requestedSeq ?? message.firstSeq)) return 'ask-again'
  const { alone, summary, turns } = measurePrompt(state, run, message.request ?? {}, message.request ?? {})
  if (turns.length === 0) {
    return shortenSummary(state, run, 0, circumstances) ?? failTooLarge(run, message.failures, circumstances)
  }
  const half = sumOf(turns) / 2
  const goes = turns.slice(0, turns.length - newestOf(turns, half, half).length)
  const promptTokens = Math.floor((alone + summary + sumOf(turns)) / 2)
  const summaryTokens = Math.min(LONGEST_SUMMARY, Math.ceil(promptTokens / 4))
  return summarise(state, run, goes, { summaryTokens, promptTokens }, circumstances)
}
