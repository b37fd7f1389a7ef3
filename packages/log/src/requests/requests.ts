import type { Part } from '@spool/events'

/** What the gateway puts into INTAKE: a message of a user that asks for a run. All ids are made by the gateway. */
export interface RunRequest {
  request: string
  /** A ULID, or a hash of tenant, session and key for a request with an idempotency key. */
  run: string
  message: string
  parts: Part[]
  at: string
  when_busy: 'enqueue' | 'reject' | 'interrupt'
  on_disconnect: 'continue' | 'cancel'
  agent?: string
  model?: string
  language?: string
  user?: string
  key?: string
  body_hash?: string
  confirmation?: { timeout_seconds?: number }
  /** Of a session that is begun by it. */
  title?: string
  /** What was said elsewhere, taken over where the session is begun by it. */
  history?: readonly { role: 'user' | 'assistant' | 'system'; text: string }[]
  /** For the agent, beside the conversation. */
  context?: unknown
  metadata?: Record<string, unknown>
  /** Holds the whole request where it is larger than a queue takes: what is large in it is only there. */
  blob?: string
}

/** What the gateway puts into CONTROL as `cancel`. */
export interface CancelRequest {
  request: string
  run: string
  by: string
  reason: string
}

/** What the gateway puts into CONTROL as `confirm`: a person's answer to a question. */
export interface ConfirmRequest {
  /** Follows from the idempotency key and the answer where a key was sent: the same again is told the same. */
  request: string
  /** Absent: whatever is asked in the session. */
  confirmation?: string
  /** Then only what was asked by this position: nobody agrees to what they cannot have seen. */
  up_to?: number
  action: 'confirm' | 'modify' | 'cancel'
  /** What `modify` asks for in words. */
  message?: string
  /** With `modify` of a single tool call: the arguments that it is to have instead. */
  input?: unknown
  /** Of what the person was shown; checked where it is given. */
  hash?: string
  by: string
  /** `http`, `websocket`, a dialect. */
  via: string
}

/** What the gateway puts into CONTROL as `fork`, under the session that is to be the copy. */
export interface ForkRequest {
  request: string
  from_session: string
  /** Absent: where that session ends when the fork begins. */
  from_cursor?: string
}

/** What the orchestrator answers to it: the copy is whole, and where it ends. */
export type ForkReply = { ok: true; seq: number; epoch: number; from_cursor: string } | Extract<Reply, { ok: false }>

/** What the orchestrator answers, to the inbox named in the request's `Spool-Reply` header. */
export type Reply =
  | {
      ok: true
      run: string
      /** The position of the last event that the request led to. */
      seq: number
      epoch: number
      /** The position at which the run's window begins. */
      first: number
      status: string
      /** Of the run, where it has one. */
      language?: string
    }
  | {
      ok: false
      status: number
      code: string
      message: string
      /** What happened instead, as more members of the problem that the caller is told. */
      members?: Record<string, unknown>
      /** Of the session, where it has one. */
      language?: string
    }
