import type { CallState } from '@spool/events'
import { attributes, contentWanted, genAiAttributes, hideSecrets, markFailed, tracer } from '@spool/telemetry'
import { ToolError } from '../tools/tool-error.ts'
import type { CallWriter } from './call-writer.ts'
import type { CarriedOut } from './carry-out.ts'
import { toolAttempts, toolDuration } from './metrics.ts'

type Attributes = Readonly<Record<string, string | number>>

const OPERATION = 'execute_tool'
const MAX_ATTRIBUTE = 8 * 1024

/**
 * One attempt at a call as an operator sees it: a span and a measure of its time, and nothing of what went in or came
 * out unless that is switched on.
 */
export function observeAttempt(writer: CallWriter, work: () => Promise<CarriedOut>): Promise<CarriedOut> {
  const { name, attempt } = writer.call
  const tool = { [genAiAttributes.toolName]: name }
  const startedMs = performance.now()
  toolAttempts.add(1, { ...tool, reason: attempt === 0 ? 'first' : 'takeover' })
  return tracer().startActiveSpan(`${OPERATION} ${name}`, { attributes: attributesOf(writer) }, async (span) => {
    try {
      const carriedOut = await work()
      const outcome = outcomeOf(writer, carriedOut)
      toolDuration.record((performance.now() - startedMs) / 1000, { ...tool, outcome })
      span.setAttribute(attributes.outcome, outcome)
      const error = writer.found?.error ?? null
      if (error !== null) markFailed(span, new ToolError(error.code, ''))
      return carriedOut
    } catch (error) {
      markFailed(span, error)
      throw error
    } finally {
      const call = writer.found
      if (call !== undefined && span.isRecording() && contentWanted()) span.setAttributes(contentOf(call))
      span.end()
    }
  })
}

/** In the words of the log; `stopped` where it has no end of this attempt's. */
function outcomeOf({ found: call, standing }: CallWriter, carriedOut: CarriedOut): string {
  if (call === undefined || carriedOut === 'handed-over' || standing === 'lost') return 'stopped'
  return call.outcome ?? call.status
}

function attributesOf({ ref, call, run }: CallWriter): Attributes {
  return {
    [genAiAttributes.operationName]: OPERATION,
    [genAiAttributes.toolName]: call.name,
    [genAiAttributes.toolCallId]: call.id,
    [genAiAttributes.conversationId]: ref.session,
    [attributes.tenant]: ref.tenant,
    [attributes.session]: ref.session,
    [attributes.run]: run.id,
    [attributes.attempt]: call.attempt + 1,
  }
}

function contentOf({ input, output, error }: CallState): Attributes {
  return {
    [genAiAttributes.toolCallArguments]: bounded(input),
    [genAiAttributes.toolCallResult]: bounded(output ?? error?.message ?? null),
  }
}

function bounded(content: unknown): string {
  const text = hideSecrets(JSON.stringify(content))
  return text.length <= MAX_ATTRIBUTE ? text : `${text.slice(0, MAX_ATTRIBUTE)}… (${text.length - MAX_ATTRIBUTE} more)`
}
