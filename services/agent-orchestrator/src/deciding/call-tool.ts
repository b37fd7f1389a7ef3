import { type CallState, type RunState, type SessionState, draft, isOpenCall, say } from '@spool/events'
import type { Tool } from '../tools/tool.ts'
import { isMeant } from '../tools/toolbox.ts'
import { toolsOf } from './agent-of.ts'
import { isTooLong, toolQuestion } from './ask-person.ts'
import { type Circumstances, type Decision, type Deployed, NOTHING, append } from './decision.ts'
import { completeRun } from './end-run.ts'
import { forbids } from './forbids.ts'

interface Called {
  readonly call: string
  readonly name: string
  readonly input: unknown
  readonly task?: number
}

/** Asks for a tool to be run; what must come before it comes first. */
export function callTool(state: SessionState, run: RunState, called: Called, circumstances: Circumstances): Decision {
  const { now } = circumstances
  const limit = callLimit(state, run, circumstances)
  if (limit !== null) return limit
  if (run.phase !== 'acting') {
    const text = say(run.language, 'status.acting')
    return append(draft('run.status', { run: run.id, phase: 'acting', text }, now))
  }
  const repeatable = toolOf(run, called.name, circumstances)?.repeatable ?? true
  return append(draft('tool.called', { run: run.id, ...called, input: called.input ?? null, repeatable }, now))
}

/** The end of a run that has called as many tools as it may, once those at work are through; null: it may call more. */
export function callLimit(state: SessionState, run: RunState, circumstances: Circumstances): Decision | null {
  const most = run.limits?.tool_calls
  if (most === undefined || run.toolCalls < most) return null
  const isAtWork = state.calls.some((call) => call.run === run.id && isOpenCall(call))
  return isAtWork ? NOTHING : completeRun(run, circumstances, 'tool_calls')
}

/** A call that must not be carried out is answered to the model at once. null: it may be. */
export function failCall(state: SessionState, call: CallState, circumstances: Circumstances): Decision | null {
  const error = forbids(state, call, circumstances)
  if (error === null) return null
  return append(draft('tool.failed', { run: call.run, call: call.id, error, outcome: 'failed' }, circumstances.now))
}

/** What is wrong with a call, in words for the model. */
export function problemOf(run: RunState, name: string, input: unknown, deployed: Deployed) {
  const tool = toolOf(run, name, deployed)
  if (tool === undefined) {
    const names = toolsOf(run, deployed).map((known) => known.name)
    const known = names.length === 0 ? 'There are no tools.' : `There are: ${names.join(', ')}.`
    return { code: 'unknown_tool', message: `There is no tool ${JSON.stringify(name)}. ${known}` }
  }
  const problem = tool.problemOf(input) ?? tooLongToAsk(run, tool, input, deployed)
  return problem === null ? null : { code: 'invalid_arguments', message: problem }
}

function tooLongToAsk(run: RunState, tool: Tool, input: unknown, deployed: Deployed): string | null {
  const asks = run.confirmation?.mode !== 'plan' && mustAsk(run, tool.name, deployed)
  if (!asks || !isTooLong(toolQuestion(run.language, tool, input))) return null
  return 'A person has to agree to this first, and it is too long for a question. Send less at once.'
}

export function toolOf(run: RunState, name: string, deployed: Deployed) {
  return toolsOf(run, deployed).find((tool) => tool.name === name)
}

/** Whether a person is asked before each call of it. */
export function mustAsk(run: RunState, name: string, deployed: Deployed): boolean {
  if (toolOf(run, name, deployed)?.asksFirst === true) return true
  if (run.confirmation?.mode !== 'tools') return false
  return run.confirmation.tools?.some((pattern) => isMeant(pattern, name)) === true
}
