import { NO_USAGE, type Usage } from '../vocabulary/usage.ts'
import type { ArtifactState } from './artifact-state.ts'
import { isOpenCall, type CallState } from './call-state.ts'
import { isOpenMessage, type MessageState } from './message-state.ts'
import type { QuestionState } from './question-state.ts'
import { isOpenRun, type RunState } from './run-state.ts'

export type Phase =
  | 'idle'
  | 'awaiting_llm'
  | 'streaming_llm'
  | 'processing'
  | 'awaiting_confirmation'
  | 'acting'
  | 'external'

/**
 * All that a session's events say. It is JSON as it stands: stored piece by piece, cached, compared.
 *
 * Runs, messages, calls and questions that are finished never change again, so a state that holds only the open
 * ones (`openPart`) folds on like the whole.
 */
export interface SessionState {
  /** Of the last event folded; 0 before the first. */
  readonly seq: number
  readonly firstSeq: number
  readonly phase: Phase
  readonly title: string | null
  /** Of the last run that named one. */
  readonly agent: string | null
  readonly language: string | null
  readonly erased: boolean
  readonly forkedFrom: Origin | null
  /** Its history is being brought in and not whole yet. Absent otherwise. */
  readonly importing?: true
  readonly runs: readonly RunState[]
  readonly activeRun: string | null
  /** Of the event that ended the last active run; 0 before. */
  readonly idleSeq: number
  /** In the order of the conversation. */
  readonly messages: readonly MessageState[]
  readonly calls: readonly CallState[]
  /** The one that is waiting. */
  readonly question: QuestionState | null
  /** Those that were resolved. */
  readonly questions: readonly QuestionState[]
  readonly artifacts: readonly ArtifactState[]
  /** Stands for the messages up to and with `up_to` in what a model is sent. */
  readonly summary: SummaryState | null
  /** Titles and summaries that a model has written and no event has taken up yet. */
  readonly results: readonly ResultState[]
  /** Over all runs. */
  readonly usage: Usage
  readonly createdAt: string | null
  readonly updatedAt: string | null
}

/** What a fork is a copy of. */
export interface Origin {
  readonly session: string
  readonly cursor: string
  /** The position from which on all of it is there; null: it is still being copied, and nothing else may come. */
  readonly wholeSeq: number | null
}

export interface SummaryState {
  readonly seq: number
  readonly up_to: string
  readonly text: string
  readonly messages: number
}

export interface ResultState {
  readonly purpose: 'title' | 'summary'
  readonly message: string
  readonly seq: number
}

const EMPTY: SessionState = Object.freeze({
  seq: 0,
  firstSeq: 0,
  phase: 'idle',
  title: null,
  agent: null,
  language: null,
  erased: false,
  forkedFrom: null,
  runs: [],
  activeRun: null,
  idleSeq: 0,
  messages: [],
  calls: [],
  question: null,
  questions: [],
  artifacts: [],
  summary: null,
  results: [],
  usage: NO_USAGE,
  createdAt: null,
  updatedAt: null,
})

export function emptySession(): SessionState {
  return EMPTY
}

/** The state without what is finished: enough to fold on. */
export function openPart(state: SessionState): SessionState {
  return {
    ...state,
    runs: state.runs.filter(isOpenRun),
    messages: state.messages.filter(isOpenMessage),
    calls: state.calls.filter(isOpenCall),
    questions: [],
    artifacts: [],
  }
}

/** The copy that this session is to be is not whole yet. */
export function isBeingCopied({ forkedFrom }: SessionState): boolean {
  return forkedFrom !== null && forkedFrom.wholeSeq === null
}

/** Nobody works for a session whose history is not there yet, whatever seems to be open in it. */
export function isBeingImported({ importing }: SessionState): boolean {
  return importing === true
}

export function runOf(state: SessionState, id: string | null | undefined): RunState | undefined {
  return id == null ? undefined : state.runs.findLast((run) => run.id === id)
}

export function messageOf(state: SessionState, id: string): MessageState | undefined {
  return state.messages.findLast((message) => message.id === id)
}

export function callOf(state: SessionState, id: string): CallState | undefined {
  return state.calls.findLast((call) => call.id === id)
}

/** Those that wait for the active run, the first to start first. */
export function queuedRuns(state: SessionState): readonly RunState[] {
  return state.runs.filter((run) => run.status === 'queued')
}
