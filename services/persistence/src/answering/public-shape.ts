import type { ArtifactState, Cursor, MessageState, QuestionState, RunState, SessionState } from '@spool/events'
import type { LoadedSession, SessionHeader } from '@spool/store'

/*
 * The one place where states become what clients see: snake_case, and nothing that only Spool itself needs.
 */

export function cursorOf({ state, epoch }: LoadedSession): Cursor {
  return { epoch, seq: state.seq }
}

export function publicSession(ref: { readonly session: string }, header: SessionHeader) {
  return {
    id: ref.session,
    title: header.title,
    phase: header.phase,
    agent: header.agent,
    language: header.language,
    active_run: header.activeRun,
    forked_from: publicOrigin(header.forkedFrom),
    usage: header.usage,
    created_at: header.createdAt,
    updated_at: header.updatedAt,
    first_seq: header.firstSeq,
    last_seq: header.seq,
  }
}

function publicOrigin(origin: SessionHeader['forkedFrom']) {
  return origin && { session: origin.session, cursor: origin.cursor, whole: origin.wholeSeq !== null }
}

export function publicSessionState(ref: { readonly session: string }, state: SessionState) {
  return {
    ...publicSession(ref, state),
    queued_runs: state.runs.filter((run) => run.status === 'queued').map((run) => run.id),
    question: state.question === null ? null : publicQuestion(state.question),
  }
}

export function publicMessage(ref: { readonly session: string }, message: MessageState, createdAt: string | null) {
  return {
    id: message.id,
    session: ref.session,
    run: message.run,
    role: message.role,
    status: message.status,
    partial: message.status === 'partial',
    reason: message.reason,
    parts: message.parts,
    text: message.text,
    model: message.model,
    provider: message.provider,
    usage: message.usage,
    streaming: message.streaming,
    attempt: message.attempt,
    created_at: createdAt,
    first_seq: message.firstSeq,
    last_seq: message.lastSeq,
  }
}

export function publicRun(ref: { readonly session: string }, run: RunState) {
  return {
    id: run.id,
    session: ref.session,
    kind: run.kind,
    status: run.status,
    phase: run.phase,
    agent: run.agent,
    model: run.model,
    language: run.language,
    input: run.input,
    user: run.user,
    memory: run.memoryState.status,
    on_disconnect: run.on_disconnect,
    limits: run.limits,
    /** When it asks, and for how long it waits for an answer. */
    confirmation: run.confirmation,
    /** The one that was proposed last. */
    plan: run.plan === null ? null : { round: run.plan.round, tasks: run.plan.tasks },
    metadata: run.metadata,
    steps: run.steps,
    tool_calls: run.toolCalls,
    usage: run.usage,
    cancel_requested: run.cancelRequested,
    cancelled: run.cancelled,
    limit: run.limit,
    error: run.error,
    attempts: run.attempts,
    queued_at: run.queuedAt,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    duration_ms: run.durationMs,
    first_seq: run.firstSeq,
    /** The end of its window; null while it is open. */
    last_seq: run.lastSeq,
  }
}

export function publicQuestion(question: QuestionState) {
  return {
    id: question.id,
    run: question.run,
    kind: question.kind,
    round: question.round,
    prompt: question.prompt,
    tasks: question.tasks,
    call: question.call,
    hash: question.hash,
    options: question.options,
    timeout_seconds: question.timeout_seconds,
    deadline: question.deadline,
    asked_at: question.askedAt,
    resolution: question.resolution,
    first_seq: question.firstSeq,
    last_seq: question.lastSeq,
  }
}

export function publicArtifact(artifact: ArtifactState) {
  return { ...artifact }
}
