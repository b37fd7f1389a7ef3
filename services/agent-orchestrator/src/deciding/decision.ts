import type { SpoolEvent } from '@spool/events'
import type { CancelRequest, RunRequest } from '@spool/log'
import type { Agents } from '../agents/agents.ts'

/** Why a step is taken. */
export type Trigger =
  /** `redelivered`: it was given out before, and what was said then is not known. */
  | { readonly kind: 'start'; readonly request: RunRequest; readonly redelivered?: boolean }
  | { readonly kind: 'cancel'; readonly request: CancelRequest }
  /** Something has ended, or the sweep found a session that stands still. */
  | { readonly kind: 'work' }
  /** The step failed too often. */
  | { readonly kind: 'give-up'; readonly about: Hopeless }

/** What the failing step was about: a request, a run of the log, or what was to be decided after a position. */
export type Hopeless = { readonly request: RunRequest } | { readonly run: string } | { readonly after: number }

/** What is told to whoever asked; nothing was done. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

export type Decision =
  | { readonly kind: 'append'; readonly event: SpoolEvent }
  | { readonly kind: 'refuse'; readonly refusal: Refusal }
  | { readonly kind: 'nothing' }

/** What a decision needs beside the state: the time, a fresh id, and who the agents are. */
export interface Circumstances {
  readonly now: Date
  readonly newId: () => string
  readonly agents: Agents
}

export const NOTHING: Decision = { kind: 'nothing' }

export function append(event: SpoolEvent): Decision {
  return { kind: 'append', event }
}

export function refuse(status: number, code: string, message: string): Decision {
  return { kind: 'refuse', refusal: { status, code, message } }
}
