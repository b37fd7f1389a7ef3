import {
  type Beside,
  type Purpose,
  type RunState,
  type SessionState,
  draft,
  isTurn,
  messageOf,
  say,
  systemPrompt,
} from '@spool/events'
import { fitIntoWindow } from '../summarising/fit-into-window.ts'
import { agentOf, toolsOf } from './agent-of.ts'
import { type Circumstances, type Decision, type Memories, append } from './decision.ts'
import { completeRun } from './end-run.ts'
import { limitReached } from './limit-reached.ts'
import { planInstructions, proposePlanTool, toolDescription } from './propose-plan.ts'

/** The next call of a model for this run, with what has to come before it. */
export function askModel(state: SessionState, run: RunState, circumstances: Circumstances): Decision {
  const { now, newId } = circumstances
  const limit = limitReached(run)
  if (limit !== null) return completeRun(run, circumstances, limit)
  const agent = agentOf(run, circumstances)
  const purpose = purposeOf(state, run)
  const memories = memoriesOf(state, run, circumstances)
  if (memories === 'unknown') return recall(state, run)
  const given = contextOf(run, circumstances)
  if (given === 'unknown') return { kind: 'fetch', run: run.id, blob: run.contextBlob! }
  if (given === null) return failLost(run, circumstances)
  const model = run.model ?? agent?.model ?? 'default'
  const beside: Beside = {
    ...besideOf(state, run, purpose, circumstances),
    ...(memories.length > 0 && { memories: [...memories] }),
    ...(given.context !== undefined && { context: given.context }),
  }
  const asking = { ...beside, parameters: { max_tokens: agent?.maxTokens } }
  const fitting = fitIntoWindow(state, run, asking, circumstances.models.windowOf(model), circumstances)
  if (fitting.kind !== 'fits') return fitting
  const status = statusOf(run, purpose)
  if (status !== null) {
    const text = say(run.language, `status.${status}`)
    return append(draft('run.status', { run: run.id, phase: status, text }, now))
  }
  const parameters = {
    ...(agent?.temperature != null && { temperature: agent.temperature }),
    ...(agent?.maxTokens != null && { max_tokens: agent.maxTokens }),
  }
  const hasParameters = Object.keys(parameters).length > 0
  const request = {
    run: run.id,
    message: newId(),
    purpose,
    model,
    ...(hasParameters && { parameters }),
    ...fitting.limits,
    ...beside,
  }
  return append(draft('message.requested', request, now))
}

/** A model that has to ask first plans, until a plan is confirmed or it says that there is nothing to plan. */
function purposeOf(state: SessionState, run: RunState): Extract<Purpose, 'answer' | 'plan'> {
  if (run.confirmation?.mode !== 'plan') return 'answer'
  const asked = state.questions.findLast((question) => question.run === run.id && question.kind === 'plan')
  if (asked?.resolution?.action === 'confirm') return 'answer'
  return hasNothingToPlan(state, run) ? 'answer' : 'plan'
}

function hasNothingToPlan(state: SessionState, run: RunState): boolean {
  const last = state.messages.findLast(({ run: id, purpose }) => id === run.id && purpose === 'plan')
  return last !== undefined && last.status === 'complete' && last.toolCalls.length === 0
}

function besideOf(state: SessionState, run: RunState, purpose: Purpose, circumstances: Circumstances): Beside {
  const agent = agentOf(run, circumstances)
  const instructions = systemPrompt(agent?.instructions ?? null, run.language)
  const tools = toolsOf(run, circumstances)
  if (run.confirmation?.mode !== 'plan') {
    return tools.length === 0 ? { instructions } : { instructions, tools: tools.map(toolDescription) }
  }
  if (purpose === 'answer' && hasNothingToPlan(state, run)) return { instructions }
  return { instructions: `${instructions}\n\n${planInstructions(tools)}`, tools: [proposePlanTool] }
}

/** Asked for once in a run: its later calls are sent the same. */
function memoriesOf(state: SessionState, run: RunState, { recalled }: Circumstances): Memories | 'unknown' {
  if (run.memory === 'off') return []
  const first = state.messages.find((message) => message.run === run.id && isTurn(message))
  if (first !== undefined && first.request?.blob == null) return first.request?.memories ?? []
  return recalled.get(run.id) ?? 'unknown'
}

/** null: it is lost. */
function contextOf(run: RunState, { contexts }: Circumstances): { readonly context: unknown } | null | 'unknown' {
  if (run.contextBlob === undefined) return { context: run.context }
  const known = contexts.get(run.id)
  return known === undefined ? 'unknown' : known
}

function failLost(run: RunState, { now }: Circumstances): Decision {
  const error = { code: 'request_lost', message: say(run.language, 'error.request_lost'), retryable: true }
  return append(draft('run.failed', { run: run.id, error, usage: run.usage }, now))
}

function recall(state: SessionState, run: RunState): Decision {
  const text = run.input === null ? '' : (messageOf(state, run.input)?.text ?? '')
  return { kind: 'recall', recall: { run: run.id, user: run.user, agent: run.agent ?? '', text } }
}

/** Said once at each turn of things; a plain conversation has none. */
function statusOf(run: RunState, purpose: Purpose): 'planning' | 'thinking' | null {
  if (purpose === 'plan') return run.phase === 'planning' ? null : 'planning'
  return run.phase === 'acting' || run.phase === 'planning' ? 'thinking' : null
}
