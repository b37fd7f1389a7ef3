import type { CallState } from '../state/call-state.ts'
import type { QuestionState } from '../state/question-state.ts'
import type { ToolCall } from '../vocabulary/message-events.ts'
import { clipText } from './clip-text.ts'
import { estimateJson } from './estimate-tokens.ts'
import type { PromptToolCall, PromptToolResult } from './prompt-message.ts'

export function promptToolCall(call: ToolCall): PromptToolCall {
  return { type: 'tool-call', toolCallId: call.call, toolName: call.name, input: call.input ?? null }
}

/** The call is what it proposes: it is shown to the person, and never run. */
export const PROPOSE_PLAN = 'propose_plan'

/**
 * Providers refuse a call without its result, so one that never ran has a result that says so. `asked` is the question
 * about it, where a person was asked.
 */
export function promptToolResult(
  call: ToolCall,
  state: CallState | undefined,
  asked?: QuestionState,
): PromptToolResult {
  const output = state === undefined ? withoutState(call, asked) : withChange(outputOf(state), asked)
  return { type: 'tool-result', toolCallId: call.call, toolName: call.name, output }
}

/** Its beginning and its end, where it would cost more tokens. */
export function clipResult(result: PromptToolResult, maxTokens: number): PromptToolResult {
  const { output } = result
  // What is said around a text costs a token.
  if (maxTokens === Infinity || estimateJson(output.value) <= maxTokens + 1) return result
  const text = output.type === 'json' ? JSON.stringify(output.value) : output.value
  const type = output.type === 'error-text' ? output.type : 'text'
  return { ...result, output: { type, value: clipText(text, maxTokens) } }
}

function withoutState({ name }: ToolCall, asked: QuestionState | undefined): PromptToolResult['output'] {
  if (name === PROPOSE_PLAN) return { type: 'text', value: 'The plan was shown to the person.' }
  const said = asked?.resolution?.message
  const value = said ? `Not carried out. The person said: ${said}` : 'This call was not carried out.'
  return { type: 'error-text', value }
}

/** The model asked for something else than what it reads the result of. */
function withChange(output: PromptToolResult['output'], asked: QuestionState | undefined): PromptToolResult['output'] {
  const changed = asked?.resolution?.input_after
  if (changed == null) return output
  const text = output.type === 'json' ? JSON.stringify(output.value) : output.value
  const type = output.type === 'error-text' ? output.type : 'text'
  return { type, value: `[The person changed the arguments to ${JSON.stringify(changed)}.]\n${text}` }
}

function outputOf(call: CallState): PromptToolResult['output'] {
  switch (call.status) {
    case 'called':
    case 'started':
      return { type: 'error-text', value: 'This call has no result.' }
    case 'failed':
      return { type: 'error-text', value: failureOf(call) }
    case 'completed':
      return call.blob === null ? whole(call.output) : stored(call.output, call.blob)
  }
}

function whole(output: unknown): PromptToolResult['output'] {
  return typeof output === 'string' ? { type: 'text', value: output } : { type: 'json', value: output }
}

function stored(beginning: unknown, blob: string): PromptToolResult['output'] {
  const note = `[The whole output is stored as blob ${blob}.]`
  if (beginning === null) return { type: 'text', value: note }
  return { type: 'text', value: `${typeof beginning === 'string' ? beginning : JSON.stringify(beginning)}\n${note}` }
}

function failureOf(call: CallState): string {
  const text = call.error?.message ?? ''
  switch (call.outcome) {
    case 'denied':
      return `Denied: ${text}`
    case 'timed_out':
      return `Timed out: ${text}`
    case 'unknown':
      return `Outcome unknown, it may have taken effect: ${text}`
    default:
      return text
  }
}
