import {
  type MessageState,
  PROPOSE_PLAN,
  type QuestionState,
  type RunState,
  type SessionState,
  draft,
} from '@spool/events'
import { ask, hashOf, planPrompt } from './ask-person.ts'
import { callTool, failCall } from './call-tool.ts'
import { type Circumstances, type Decision, NOTHING, append } from './decision.ts'
import type { Proposal } from './propose-plan.ts'

/** From a proposal to its question, and from a yes to the tasks. null: the model goes on. */
export function carryOutPlan(
  state: SessionState,
  run: RunState,
  turn: MessageState,
  proposal: Proposal,
  circumstances: Circumstances,
): Decision | null {
  if (!proposal.ok) return refuseProposal(state, run, proposal, circumstances)
  if (run.plan === null || run.plan.seq < turn.lastSeq) {
    const round = (run.plan?.round ?? 0) + 1
    return append(draft('plan.proposed', { run: run.id, round, tasks: proposal.tasks }, circumstances.now))
  }
  const { seq, round, tasks } = run.plan
  const asked = state.questions.find((question) => question.run === run.id && question.firstSeq > seq)
  if (asked === undefined) {
    const question = { kind: 'plan' as const, round, prompt: planPrompt(run.language, tasks), tasks: [...tasks] }
    return ask(run, question, circumstances)
  }
  return asked.resolution?.action === 'confirm' ? nextTask(state, run, asked, circumstances) : null
}

/** One after another, exactly as they were shown. The first that fails is the last: what follows may build on it. */
function nextTask(
  state: SessionState,
  run: RunState,
  asked: QuestionState,
  circumstances: Circumstances,
): Decision | null {
  if (hashOf(asked.tasks) !== asked.hash) return null
  for (const { index, tool, input } of asked.tasks) {
    if (tool === undefined) continue
    const call = state.calls.find((one) => one.run === run.id && one.task === index && one.firstSeq > asked.firstSeq)
    if (call === undefined) {
      const called = { call: circumstances.newId(), name: tool, input: input ?? {}, task: index }
      return callTool(state, run, called, circumstances)
    }
    if (call.status === 'called') return failCall(state, call, circumstances) ?? NOTHING
    if (call.status === 'started') return NOTHING
    if (call.status === 'failed') return null
  }
  return null
}

/** The model is told what is wrong, like with any other tool. */
function refuseProposal(
  state: SessionState,
  run: RunState,
  { call, input, problem }: Extract<Proposal, { ok: false }>,
  circumstances: Circumstances,
): Decision | null {
  const known = state.calls.find((one) => one.id === call)
  if (known === undefined) return callTool(state, run, { call, name: PROPOSE_PLAN, input }, circumstances)
  if (known.status === 'failed' || known.status === 'completed') return null
  const error = { code: 'invalid_arguments', message: problem }
  return append(draft('tool.failed', { run: run.id, call, error, outcome: 'failed' }, circumstances.now))
}
