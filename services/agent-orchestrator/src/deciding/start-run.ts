import type { AgentSettings } from '@spool/config'
import { type EventFields, type RunState, type SessionState, draft, isBeingCopied, runOf, say } from '@spool/events'
import type { RunRequest } from '@spool/log'
import { type Circumstances, type Decision, type Refusal, type Trigger, append, refuse } from './decision.ts'
import { giveUp } from './give-up.ts'
import { beginSession } from './begin-session.ts'
import { nextOfSession } from './next-of-session.ts'

/** Past this the caller has stopped waiting for an answer: a refusal must then be told by the log. */
const CALLER_WAITS_MS = 1500

const STATUS: Readonly<Record<string, number>> = { unknown_agent: 400, unknown_model: 400, session_busy: 409 }

/** Told to nobody: the request waits in its queue until its session is there. */
export const BEING_COPIED: Refusal = {
  status: 503,
  code: 'session_being_copied',
  message: 'The session is still being copied.',
}

type Start = Extract<Trigger, { kind: 'start' }>

export function startRun(state: SessionState, trigger: Start, circumstances: Circumstances): Decision {
  const { request, redelivered } = trigger
  const known = runOf(state, request.run)
  if (known !== undefined) return goOn(state, known, trigger, circumstances)
  if (trigger.isLost === true) return giveUp(state, { kind: 'give-up', about: { request } }, circumstances)
  const language = request.language ?? state.language
  const agent = agentFor(request, state, circumstances)
  if (agent === undefined) {
    const text = say(language, 'refusal.unknown_agent', { agent: JSON.stringify(request.agent ?? state.agent) })
    return refused(request, circumstances, 'unknown_agent', text)
  }
  const model = request.model ?? agent.model
  if (!circumstances.models.knows(model)) {
    const text = say(language, 'refusal.unknown_model', { model: JSON.stringify(model) })
    return refused(request, circumstances, 'unknown_model', text)
  }
  const terms = termsOf(request, agent, model, state.language)
  // Its caller may have been refused by the first delivery: what was refused must not start after all.
  const wasRefused = request.when_busy === 'reject' && redelivered === true
  const isEarly = isBeingCopied(state)
  if (isEarly && request.when_busy !== 'reject') return { kind: 'refuse', refusal: BEING_COPIED }
  if (!isEarly && isIdle(state) && !wasRefused) return append(draft('run.started', terms, circumstances.now))
  if (request.when_busy === 'reject') {
    return refused(request, circumstances, 'session_busy', say(language, 'refusal.session_busy'))
  }
  const waiting = { ...terms, message: request.message, parts: request.parts }
  return append(draft('run.queued', waiting, circumstances.now))
}

/** The request was taken before: by its first delivery, or by an earlier request with the same key. */
function goOn(state: SessionState, run: RunState, trigger: Start, circumstances: Circumstances): Decision {
  const { request } = trigger
  if (request.body_hash !== undefined && run.body_hash !== null && run.body_hash !== request.body_hash) {
    return refuse(422, 'idempotency_key_reused', say(run.language, 'refusal.idempotency_key_reused'))
  }
  if (run.status === 'failed' && run.startedSeq === null && run.error !== null) {
    return refuse(STATUS[run.error.code] ?? 409, run.error.code, run.error.message)
  }
  const active = runOf(state, state.activeRun)
  if (active !== undefined && request.when_busy === 'interrupt' && isInTheWay(active, run)) {
    const cancel = { run: active.id, by: request.user ?? 'user', reason: 'interrupted' }
    return append(draft('run.cancel_requested', cancel, circumstances.now))
  }
  // Died between the run's start and its message: only the request still knows what the message says.
  const isRunning = active?.id === run.id && run.waiting === null && run.input !== null
  if (isRunning && !state.messages.some((message) => message.id === run.input)) {
    if (trigger.isLost === true) return giveUp(state, { kind: 'give-up', about: { request } }, circumstances)
    const message = { run: run.id, message: run.input, role: 'user' as const, parts: request.parts }
    return (
      beginSession(state, run, request, circumstances) ?? append(draft('message.added', message, circumstances.now))
    )
  }
  return nextOfSession(state, circumstances)
}

/** Only what ran when the request came: what has started since had come before it and is answered first. */
function isInTheWay(active: RunState, interrupting: RunState): boolean {
  if (active.cancelRequested !== null || active.startedSeq === null) return false
  return interrupting.status === 'queued' && active.startedSeq < interrupting.firstSeq
}

function isIdle(state: SessionState): boolean {
  return state.activeRun === null && !state.runs.some((run) => run.status === 'queued')
}

/** The one who is named, else the one who answered last, else the one who answers whoever names nobody. */
function agentFor(request: RunRequest, state: SessionState, { agents, tenant }: Circumstances) {
  const wanted = request.agent ?? state.agent
  return wanted === null ? agents.byDefaultFor(tenant) : agents.find(wanted, tenant)
}

function termsOf(
  request: RunRequest,
  agent: AgentSettings,
  model: string,
  spoken: string | null,
): EventFields<'run.started'> {
  const { confirmation, limits } = agent
  const language = request.language ?? agent.language ?? spoken
  return {
    run: request.run,
    kind: 'agent',
    agent: agent.id,
    model,
    input: request.message,
    memory: agent.memory ? 'on' : 'off',
    on_disconnect: request.on_disconnect,
    confirmation: {
      mode: confirmation.mode,
      ...(confirmation.mode === 'tools' && { tools: [...confirmation.tools] }),
      timeout_seconds: request.confirmation?.timeout_seconds ?? confirmation.timeoutSeconds,
    },
    limits: {
      steps: limits.steps,
      tool_calls: limits.toolCalls,
      ...(limits.tokens !== null && { tokens: limits.tokens }),
      wall_clock_seconds: limits.wallClockSeconds,
    },
    ...(language !== null && { language }),
    ...(request.user !== undefined && { user: request.user }),
    ...(request.key !== undefined && { key: request.key }),
    ...(request.body_hash !== undefined && { body_hash: request.body_hash }),
    ...(request.metadata !== undefined && { metadata: request.metadata }),
    ...(request.context !== undefined && { context: request.context }),
  }
}

function refused(request: RunRequest, circumstances: Circumstances, code: string, message: string): Decision {
  const isLate = circumstances.now.getTime() - Date.parse(request.at) > CALLER_WAITS_MS
  if (!isLate) return refuse(STATUS[code] ?? 409, code, message)
  const error = { code, message, retryable: false }
  return append(draft('run.failed', { run: request.run, error }, circumstances.now))
}
