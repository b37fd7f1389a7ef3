import type { PromptMessage } from '@spool/events'
import type { ToolDescription } from '../../provider.ts'
import { answerAside } from './aside.ts'
import { PROPOSE_PLAN, planTasks } from './plan-tasks.ts'
import { tell } from './tell.ts'
import { type Turn, readTurn, wordsOf } from './turn.ts'
import { type WantedCall, callsOf, wantedCalls } from './wanted-calls.ts'

/** What the demo model does at one turn: it speaks, or it calls tools. */
export interface Play {
  readonly text: string
  readonly calls: readonly WantedCall[]
  /** Nobody reads along: there is no need to speak at the pace of a person. */
  readonly isAside: boolean
}

/** A pure function of the prompt and the tools: wherever it is taken over, it plays the same. */
export function playAgent(prompt: readonly PromptMessage[], tools: readonly ToolDescription[] = []): Play {
  const aside = tools.length === 0 ? answerAside(prompt) : undefined
  if (aside !== undefined) return { text: aside, calls: [], isAside: true }
  const turn = readTurn(prompt)
  return playOf(turn, turn.results.length > 0 || turn.callsBefore > 0 ? [] : callsAt(turn, tools))
}

/** With calls that somebody else has thought of, round by round. */
export function playRounds(prompt: readonly PromptMessage[], rounds: readonly (readonly WantedCall[])[]): Play {
  const turn = readTurn(prompt)
  return playOf(turn, rounds[roundsBefore(rounds, turn.callsBefore) + turn.rounds] ?? [])
}

/** What was summarised is told as calls, not as rounds. */
function roundsBefore(rounds: readonly (readonly WantedCall[])[], calls: number): number {
  let left = calls
  let before = 0
  while (left > 0 && before < rounds.length) {
    left -= rounds[before]!.filter(({ name }) => name !== PROPOSE_PLAN).length
    before += 1
  }
  return before
}

function playOf(turn: Turn, calls: readonly WantedCall[]): Play {
  return { text: calls.length > 0 ? '' : tell(turn), calls, isAside: false }
}

function callsAt(turn: Turn, tools: readonly ToolDescription[]): readonly WantedCall[] {
  if (tools.some(({ name }) => name === PROPOSE_PLAN)) {
    const tasks = planTasks(turn)
    return tasks === null ? [] : [{ name: PROPOSE_PLAN, input: { tasks } }]
  }
  const words = wordsOf(turn)
  const wanted = wantedCalls(words, tools, turn.language)
  if (wanted.length > 0) return wanted
  const shown = callsOf(['clock', 'demo_wait'], words, tools, turn.language)
  return shown.length > 0 ? shown : callsOf(['design_document'], words, tools, turn.language)
}
