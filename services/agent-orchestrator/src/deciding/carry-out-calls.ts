import {
  type MessageState,
  type QuestionState,
  type RunState,
  type SessionState,
  type ToolCall,
  callOf,
} from '@spool/events'
import { ask, hashOf, toolQuestion } from './ask-person.ts'
import { callLimit, callTool, failCall, mustAsk, problemOf, toolOf } from './call-tool.ts'
import type { Circumstances, Decision } from './decision.ts'

/**
 * The calls of one message: those that may run are asked for at once, then people are asked about the others, one
 * question after another. null: nothing is left to begin.
 */
export function carryOutCalls(
  state: SessionState,
  run: RunState,
  turn: MessageState,
  circumstances: Circumstances,
): Decision | null {
  for (const called of turn.toolCalls) {
    const next = beginCall(state, run, called, circumstances)
    if (next !== null) return next
  }
  for (const called of turn.toolCalls) {
    if (callOf(state, called.call) === undefined && questionAbout(state, called) === undefined) {
      return callLimit(state, run, circumstances) ?? askAbout(state, run, called, circumstances)
    }
  }
  return null
}

function beginCall(
  state: SessionState,
  run: RunState,
  { call, name, input }: ToolCall,
  circumstances: Circumstances,
): Decision | null {
  const known = callOf(state, call)
  if (known !== undefined) return known.status === 'called' ? failCall(state, known, circumstances) : null
  const answered = questionAbout(state, { call })
  if (answered !== undefined) {
    const agreed = agreedInput(answered)
    return agreed === null ? null : callTool(state, run, { call, name, ...agreed }, circumstances)
  }
  const asks = mustAsk(run, name, circumstances) && problemOf(run, name, input, circumstances) === null
  return asks ? null : callTool(state, run, { call, name, input }, circumstances)
}

/** null: it is not to be done; the model hears what the person said instead. */
function agreedInput({ resolution, tasks, hash }: QuestionState): { input: unknown } | null {
  if (resolution === null || hashOf(tasks) !== hash) return null
  if (resolution.action === 'confirm') return { input: tasks[0]?.input ?? {} }
  return resolution.action === 'modify' && resolution.input_after !== null ? { input: resolution.input_after } : null
}

function questionAbout(state: SessionState, { call }: Pick<ToolCall, 'call'>): QuestionState | undefined {
  return state.questions.findLast((question) => question.call === call)
}

function askAbout(
  state: SessionState,
  run: RunState,
  { call, name, input }: ToolCall,
  circumstances: Circumstances,
): Decision {
  const before = state.questions.findLast((question) => question.run === run.id)
  const wasModified = before?.resolution?.action === 'modify' && before.resolution.input_after === null
  const round = wasModified ? before.round + 1 : 1
  const description = toolOf(run, name, circumstances)?.description ?? name
  const question = toolQuestion(run.language, { name, description }, input ?? {})
  return ask(run, { kind: 'tool', round, ...question, call }, circumstances)
}
