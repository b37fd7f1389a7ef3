import { fold } from '../folding/fold.ts'
import { promptToolResult } from '../prompting/tool-result.ts'
import { endOf } from '../prompting/turns.ts'
import type { ArtifactState } from '../state/artifact-state.ts'
import type { CallState } from '../state/call-state.ts'
import type { MessageState } from '../state/message-state.ts'
import type { QuestionState } from '../state/question-state.ts'
import { messageOf, type SessionState } from '../state/session-state.ts'
import type { ToolCall, ToolResult } from '../vocabulary/message-events.ts'
import { closingEvents, type Cut } from './closing-events.ts'

/** All that a fork has of the session it is taken from. */
export interface Original {
  readonly agent: string | null
  readonly language: string | null
  readonly title: string | null
  /** What people are shown, in the order of the conversation; the calls have their results. */
  readonly messages: readonly MessageState[]
  /** Where in `messages` each one is. */
  readonly places: ReadonlyMap<string, number>
  readonly artifacts: readonly ArtifactState[]
  readonly summary: SummaryOfOriginal | null
}

export interface SummaryOfOriginal {
  readonly text: string
  readonly messages: number
  /** The last message that it stands for; null: what it stands for is not copied. */
  readonly upTo: string | null
}

/**
 * What a session holds for a fork at the position of this state. What is open there is closed as partial; what nobody
 * has begun to answer yet is left out.
 */
export function originalOf(state: SessionState, cut: Cut): Original {
  const closed = closingEvents(state, cut).reduce(
    (before, event) => fold(before, { seq: before.seq + 1, event }),
    state,
  )
  const messages = closed.messages
    .filter((message) => isShown(message) && !isUnbegun(message, state))
    .map(withResults(closed))
  const { agent, language, title, artifacts } = closed
  const places = new Map(messages.map(({ id }, index) => [id, index]))
  return { agent, language, title, messages, places, artifacts, summary: summaryOf(closed, messages) }
}

/** The messages with what came of their calls. */
function withResults({ calls, questions }: SessionState): (message: MessageState) => MessageState {
  const known = new Map(calls.map((call) => [call.id, call]))
  const asked = new Map(questions.map((question) => [question.call, question]))
  return (message) => {
    const results = message.toolCalls.flatMap((call) => {
      const copied = message.results?.find((result) => result.call === call.call)
      return copied ?? resultOf(call, known.get(call.call), asked.get(call.call)) ?? []
    })
    return results.length === 0 ? message : { ...message, results }
  }
}

function isShown({ purpose }: MessageState): boolean {
  return purpose === null || purpose === 'answer'
}

/** It is only the cut that has ended it, before its first word. */
function isUnbegun({ id, status, text }: MessageState, before: SessionState): boolean {
  return status === 'partial' && text === '' && messageOf(before, id)?.status !== 'partial'
}

/** What a later run is told of it. null: it was not carried out, and nobody has said why. */
function resultOf(call: ToolCall, known?: CallState, asked?: QuestionState): ToolResult | null {
  if (known === undefined && !asked?.resolution?.message) return null
  const { output } = promptToolResult(call, known, asked)
  return { call: call.call, output, ...(known?.blob != null && { blob: known.blob }) }
}

function summaryOf({ summary }: SessionState, messages: readonly MessageState[]): SummaryOfOriginal | null {
  if (summary === null) return null
  const end = endOf(summary)
  const upTo = messages.findLast(({ firstSeq }) => firstSeq <= end)?.id ?? null
  return { text: summary.text, messages: summary.messages, upTo }
}
