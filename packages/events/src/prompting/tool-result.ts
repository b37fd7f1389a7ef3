import type { CallState } from '../state/call-state.ts'
import type { ToolCall } from '../vocabulary/message-events.ts'
import type { PromptToolCall, PromptToolResult } from './prompt-message.ts'

export function promptToolCall(call: ToolCall): PromptToolCall {
  return { type: 'tool-call', toolCallId: call.call, toolName: call.name, input: call.input ?? null }
}

/** The call is what it proposes: it is shown to the person, and never run. */
const PROPOSE_PLAN = 'propose_plan'

/** Providers refuse a call without its result, so one that never ran has a result that says so. */
export function promptToolResult(call: ToolCall, state: CallState | undefined): PromptToolResult {
  return { type: 'tool-result', toolCallId: call.call, toolName: call.name, output: outputOf(call, state) }
}

function outputOf({ name }: ToolCall, call: CallState | undefined): PromptToolResult['output'] {
  switch (call?.status) {
    case undefined:
      if (name === PROPOSE_PLAN) return { type: 'text', value: 'The plan was shown to the person.' }
      return { type: 'error-text', value: 'This call was not carried out.' }
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
