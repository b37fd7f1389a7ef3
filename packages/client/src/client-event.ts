import type { Cursor } from './cursor.ts'

/**
 * An event of a session, with its place. The fields beside these depend on `type`; a type that this release does not
 * know is delivered all the same.
 */
export interface ClientEvent {
  /** Follow from here to see what comes next. */
  readonly cursor: Cursor
  readonly type: string
  readonly session: string
  readonly seq: number
  /** The position of the session's event before this one. */
  readonly prev: number
  /** Whose it is. */
  readonly run?: string
  readonly [field: string]: unknown
}

/**
 * The server could not go on where this client was (its store was restored, or the cursor was never its own). What
 * was seen so far is to be replaced by `state`; the events that follow come after `cursor`.
 */
export interface ResetEvent extends ClientEvent {
  readonly type: 'reset'
  readonly reason: string
  readonly state: Readonly<Record<string, unknown>>
}

/** What a person is asked, as the event and the snapshot of it tell. */
export interface Asked {
  readonly run: string
  /** All tasks of a plan at once, or a single call of a tool. */
  readonly kind: 'plan' | 'tool'
  /** From 1; each `modify` leads to another. */
  readonly round: number
  readonly prompt: string
  readonly tasks: readonly Task[]
  /** Of exactly what will be done. */
  readonly hash: string
  readonly options: readonly ('confirm' | 'modify' | 'cancel')[]
  readonly timeout_seconds: number
  /** Without an answer by then the run is cancelled. */
  readonly deadline: string
}

/** The run waits for a person: answer with `session.confirm(event, { action })`. */
export interface QuestionEvent extends ClientEvent, Asked {
  readonly type: 'confirmation.requested'
  readonly run: string
  /** The question's id. */
  readonly confirmation: string
}

export interface Task {
  /** From 1. */
  readonly index: number
  readonly description: string
  readonly tool?: string
  readonly input?: unknown
}

export function isQuestion(event: ClientEvent): event is QuestionEvent {
  return event.type === 'confirmation.requested'
}

export function isReset(event: ClientEvent): event is ResetEvent {
  return event.type === 'reset'
}
