import { type CallState, type EventFields, say } from '@spool/events'
import { MAX_BLOB_BYTES } from '@spool/log'
import { OutcomeUnknown } from '../tools/outcome-unknown.ts'
import { ToolError } from '../tools/tool-error.ts'
import type { Tool } from '../tools/tool.ts'

/** How a call ends that does not end well: for the model, and for people in their language. */
export type CallFailure = Pick<EventFields<'tool.failed'>, 'error' | 'outcome'>

type Language = string | null

/** A tool may quote whole pages in its errors. */
const MAX_MESSAGE = 8 * 1024

const failed = (code: string, message: string): CallFailure => ({ error: { code, message }, outcome: 'failed' })

export const unknownTool = ({ name }: CallState) =>
  failed('unknown_tool', `There is no tool ${JSON.stringify(name)} any more.`)

export const gaveUp = ({ name: tool, attempt: attempts }: CallState, language: Language) =>
  failed('tool_gave_up', say(language, 'error.tool_gave_up', { tool, attempts }))

export const outputTooLarge = ({ name: tool }: CallState, language: Language) =>
  failed(
    'output_too_large',
    say(language, 'error.tool_output_too_large', { tool, mebibytes: MAX_BLOB_BYTES / 1024 ** 2 }),
  )

export const outputNotStored = ({ name: tool }: CallState, language: Language) =>
  failed('output_not_stored', say(language, 'error.tool_output_not_stored', { tool }))

export const unforeseen = ({ name: tool }: CallState, language: Language) =>
  failed('tool_failed', say(language, 'error.tool_failed', { tool }))

/** Its program died, or had to end, while the tool ran. */
export const outcomeUnknown = ({ name: tool }: CallState, language: Language): CallFailure => ({
  error: { code: 'tool_unknown_outcome', message: say(language, 'error.tool_unknown_outcome', { tool }) },
  outcome: 'unknown',
})

export const timedOut = ({ name: tool }: CallState, { timeoutMs }: Tool, language: Language): CallFailure => ({
  error: { code: 'timed_out', message: say(language, 'error.tool_timed_out', { tool, seconds: timeoutMs / 1000 }) },
  outcome: 'timed_out',
})

/** `isBegun`: it may have taken effect; where it must not be done twice, nobody can tell. */
export function cancelled(isBegun: boolean, mayRepeat: boolean, language: Language): CallFailure {
  const message = say(language, isBegun ? 'error.tool_cancelled_unknown' : 'error.tool_cancelled')
  return { error: { code: 'cancelled', message }, outcome: isBegun && !mayRepeat ? 'unknown' : 'failed' }
}

/** What the tool itself says of its failure; `null` where that is nothing for others' ears. */
export function saidByTool(error: unknown): CallFailure | null {
  if (!(error instanceof ToolError)) return null
  const message = error.message.slice(0, MAX_MESSAGE)
  return { error: { code: error.code, message }, outcome: error instanceof OutcomeUnknown ? 'unknown' : 'failed' }
}
