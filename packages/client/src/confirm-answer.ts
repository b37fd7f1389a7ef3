import type { Cursor } from './cursor.ts'

/** A person's answer to a question. */
export interface ConfirmAnswer {
  action: 'confirm' | 'modify' | 'cancel'
  /** What `modify` asks for, in words; with the others, a remark. */
  message?: string
  /** With `modify` of a single tool call: the arguments that it is to have instead. */
  input?: unknown
  /** Of what the person was shown. Default: that of the question, where it is given. */
  hash?: string
  /** Who answers. Default `user`. */
  user?: string
  /** Default: a new one per call. The same key answers nothing twice. */
  idempotencyKey?: string
}

export interface Confirmed {
  readonly session: string
  readonly confirmation: string
  readonly action: ConfirmAnswer['action']
  /** `pending`: it is safe, and nobody could take it up yet. */
  readonly status: 'accepted' | 'pending'
  readonly run?: string
  readonly cursor: Cursor | null
}
