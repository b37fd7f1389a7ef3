import {
  type Beside,
  type PromptLimits,
  type RunState,
  type SessionState,
  type Turn,
  estimateText,
  estimateTokens,
  estimateTools,
  nextPrompt,
} from '@spool/events'

/** How many tokens the next prompt of a run has, as far as can be estimated. */
export interface PromptSizes {
  /** What is sent in any case: the message that the run answers, and what is said beside the conversation. */
  readonly alone: number
  /** Of it, the run's own calls that a summary stands for. */
  readonly done: number
  readonly summary: number
  /** What may be summarised, oldest first. */
  readonly turns: readonly SizedTurn[]
}

export interface SizedTurn extends Turn {
  readonly tokens: number
}

/** What the summary's place in the prompt costs beside its text. */
export const AROUND_SUMMARY = 16

export function measurePrompt(state: SessionState, run: RunState, beside: Beside, limits: PromptLimits): PromptSizes {
  const { system, summary, done, turns } = nextPrompt(state, run.id, beside, limits)
  const sized = turns.map((turn) => ({ ...turn, tokens: estimateTokens(turn.messages) }))
  const input = sumOf(sized.filter(({ isInput }) => isInput))
  const ofDone = done === '' ? 0 : estimateText(done) + 1
  return {
    alone: estimateTokens([{ role: 'system', content: system }]) + estimateTools(beside.tools) + input + ofDone,
    done: ofDone,
    summary: summary === null ? 0 : AROUND_SUMMARY + estimateText(summary.text),
    turns: sized.filter(({ isInput }) => !isInput),
  }
}

export function sumOf(turns: readonly SizedTurn[]): number {
  return turns.reduce((sum, { tokens }) => sum + tokens, 0)
}

/** The newest that stay: all of `wanted` tokens, and the very newest as long as there is room for it at all. */
export function newestOf(turns: readonly SizedTurn[], wanted: number, room: number): readonly SizedTurn[] {
  let tokens = 0
  let first = turns.length
  while (first > 0) {
    const more = tokens + turns[first - 1]!.tokens
    if (more > (tokens === 0 ? room : Math.min(wanted, room))) break
    tokens = more
    first -= 1
  }
  while (turns[first]?.isReply === true) first += 1
  return turns.slice(first)
}

/** The oldest that together fit, the first in any case: what is longer than a quarter is clipped. */
export function oldestOf(turns: readonly SizedTurn[], room: number): readonly SizedTurn[] {
  let tokens = 0
  let end = 0
  while (end < turns.length) {
    tokens += Math.min(turns[end]!.tokens, room / 4)
    if (tokens > room && end > 0) break
    end += 1
  }
  while (turns[end]?.isReply === true) end += 1
  return turns.slice(0, end)
}
