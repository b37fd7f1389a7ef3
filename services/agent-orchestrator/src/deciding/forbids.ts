import { type CallState, type SessionState, runOf } from '@spool/events'
import { hashOf } from './ask-person.ts'
import { mustAsk, problemOf } from './call-tool.ts'
import type { Deployed } from './decision.ts'

/**
 * Why a call that was asked for must not be carried out; null: it may. Between the two events by which a wrong call is
 * asked for and answered its orchestrator may die, and who is deployed next may know other tools, so whoever carries a
 * call out looks here first.
 */
export function forbids(state: SessionState, call: CallState, deployed: Deployed) {
  const run = runOf(state, call.run)
  if (run === undefined) return { code: 'unknown_run', message: 'There is no such run.' }
  const problem = problemOf(run, call.name, call.input, deployed)
  if (problem !== null) return problem
  const asks = run.confirmation?.mode === 'plan' || mustAsk(run, call.name, deployed)
  if (!asks || isAgreed(state, call)) return null
  return { code: 'not_confirmed', message: 'Nobody has agreed to this. It was not done.' }
}

/** A person was shown this very call, or wrote its arguments. */
function isAgreed(state: SessionState, call: CallState): boolean {
  return state.questions.some(({ run, resolution, tasks, hash, call: about }) => {
    if (run !== call.run || resolution === null || hashOf(tasks) !== hash) return false
    const task = tasks.find(({ index }) => index === (call.task ?? 1))
    const isMeant = call.task === null ? about === call.id : about === null
    if (!isMeant || task?.tool !== call.name) return false
    const { action, input_after: changed } = resolution
    if (action === 'confirm') return isSame(task.input ?? {}, call.input)
    return action === 'modify' && changed !== null && isSame(changed, call.input)
  })
}

function isSame(one: unknown, other: unknown): boolean {
  return hashOf([{ index: 1, description: '', input: one }]) === hashOf([{ index: 1, description: '', input: other }])
}
