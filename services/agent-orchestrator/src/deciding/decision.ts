import type { AgentSettings } from '@spool/config'
import type { Beside, SpoolEvent } from '@spool/events'
import type { CancelRequest, ConfirmRequest, RunRequest } from '@spool/log'
import type { Toolbox } from '../tools/toolbox.ts'

/** Why a step is taken. */
export type Trigger =
  /** `redelivered`: it was given out before, and what was said then is not known. */
  | {
      readonly kind: 'start'
      readonly request: RunRequest
      readonly redelivered?: boolean
      /** What it says is in no store any more. */
      readonly isLost?: boolean
    }
  | { readonly kind: 'cancel'; readonly request: CancelRequest }
  | { readonly kind: 'confirm'; readonly request: ConfirmRequest }
  /** Something has ended, or the sweep found a session that stands still. */
  | { readonly kind: 'work' }
  /** A producer's run without a sign of life; nothing had come in its session after the position. */
  | { readonly kind: 'silent'; readonly after: number }
  /** This is worth remembering of a run that has ended. */
  | { readonly kind: 'remember'; readonly run: string; readonly memories: Memories }
  /** The step failed too often. */
  | { readonly kind: 'give-up'; readonly about: Hopeless }

/** What the failing step was about: a request, a run of the log, or what was to be decided after a position. */
export type Hopeless = { readonly request: RunRequest } | { readonly run: string } | { readonly after: number }

/** What is told to whoever asked; nothing was done. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  /** What happened instead. */
  readonly members?: Record<string, unknown>
}

export type Decision =
  | { readonly kind: 'append'; readonly event: SpoolEvent }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  /** What is remembered of the user has to be known first: decide again with it among the circumstances. */
  | { readonly kind: 'recall'; readonly recall: Recall }
  /** So has what the run was given as its context. */
  | { readonly kind: 'fetch'; readonly run: string; readonly blob: string }
  | { readonly kind: 'nothing' }

export interface Recall {
  readonly run: string
  readonly user: string | null
  readonly agent: string
  /** What the run is about. */
  readonly text: string
}

export type Memories = NonNullable<Beside['memories']>

/** Who the agents are, as far as deciding is concerned. */
export interface Agents {
  byDefaultFor(tenant: string): AgentSettings | undefined
  find(id: string, tenant: string): AgentSettings | undefined
}

export interface Models {
  knows(model: string): boolean
  /** Tokens that a model takes in at once; null: not known. */
  windowOf(model: string): number | null
}

/** What a decision needs beside the state. */
export interface Circumstances {
  readonly now: Date
  readonly newId: () => string
  readonly tenant: string
  /** Of the session's log. */
  readonly epoch: number
  readonly agents: Agents
  readonly models: Models
  readonly toolbox: Pick<Toolbox, 'find' | 'named'>
  /** By run, as far as it was asked for. */
  readonly recalled: ReadonlyMap<string, Memories>
  /** By run, as far as it was asked for; null: it is in no store any more. */
  readonly contexts: ReadonlyMap<string, { readonly context: unknown } | null>
}

/** What there is to know of a run's agent and its tools. */
export type Deployed = Pick<Circumstances, 'agents' | 'toolbox' | 'tenant'>

export const NOTHING: Decision = { kind: 'nothing' }

export function append(event: SpoolEvent): Decision {
  return { kind: 'append', event }
}

export function refuse(status: number, code: string, message: string, members?: Record<string, unknown>): Decision {
  return { kind: 'refuse', refusal: { status, code, message, ...(members && { members }) } }
}
