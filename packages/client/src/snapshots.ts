import type { Cursor } from './cursor.ts'

/** Following from `cursor` misses nothing that came after the snapshot, and repeats nothing that is in it. */
export type AtCursor<T> = T & { readonly cursor: Cursor }

export interface SessionSnapshot {
  readonly id: string
  readonly title: string | null
  readonly phase: string
  readonly active_run: string | null
  readonly [field: string]: unknown
}

export interface MessageSnapshot {
  readonly id: string
  readonly run: string | null
  readonly role: 'user' | 'system' | 'assistant'
  readonly status: 'requested' | 'streaming' | 'complete' | 'partial'
  readonly text: string
  readonly [field: string]: unknown
}

export interface RunSnapshot {
  readonly id: string
  readonly status: 'queued' | 'active' | 'done' | 'limit' | 'cancelled' | 'failed'
  readonly first_seq: number
  readonly last_seq: number | null
  readonly [field: string]: unknown
}
