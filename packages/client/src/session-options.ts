import type { Cursor } from './cursor.ts'

export type Message = string | readonly Readonly<Record<string, unknown>>[]

export interface SendOptions {
  agent?: string
  model?: string
  language?: string
  /** What happens while another run of the session is active. Default `enqueue`. */
  whenBusy?: 'enqueue' | 'reject' | 'interrupt'
  /** Whether the run is cancelled when nobody follows it any more. Default `continue`. */
  onDisconnect?: 'continue' | 'cancel'
  confirmation?: { timeout_seconds?: number }
  metadata?: Readonly<Record<string, unknown>>
  /** Default: a new one per call. The same key starts nothing twice. */
  idempotencyKey?: string
  signal?: AbortSignal
}

export interface ForkOptions {
  /** Default: the end. */
  at?: Cursor
  /** Id of the new session. Default: a new one. */
  session?: string
  /** Default: a new one per call. The same key makes the same fork. */
  idempotencyKey?: string
  signal?: AbortSignal
}

export interface BeginOptions {
  /** Default: a new one per call. The same key begins the same message. */
  idempotencyKey?: string
  /** For all calls of the message. */
  signal?: AbortSignal
}

export interface FollowOptions {
  /** Default: from the beginning. */
  after?: Cursor
  signal?: AbortSignal
}

/** Of when something is read: now, or where a cursor of the session says. */
export type Moment = { readonly at?: Cursor | undefined }
