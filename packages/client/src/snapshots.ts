import type { Asked } from './client-event.ts'
import type { Cursor } from './cursor.ts'

/** Following from `cursor` misses nothing that came after the snapshot, and repeats nothing that is in it. */
export type AtCursor<T> = T & { readonly cursor: Cursor }

export interface SessionSnapshot {
  readonly id: string
  readonly title: string | null
  readonly phase: string
  readonly active_run: string | null
  /** The one that waits for a person. Lists of sessions leave it out. */
  readonly question?: QuestionSnapshot | null
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

export interface QuestionSnapshot extends Asked {
  readonly id: string
  /** `null`: it waits. */
  readonly resolution: {
    readonly action: 'confirm' | 'modify' | 'cancel' | 'timeout'
    readonly message: string | null
    readonly by: string
    readonly via: string
    readonly at: string
    readonly [field: string]: unknown
  } | null
  readonly [field: string]: unknown
}

export interface ArtifactSnapshot {
  readonly id: string
  readonly run: string
  readonly kind: string
  readonly title: string
  readonly filename: string
  readonly media_type: string
  /** `null`: it is in `blob`. */
  readonly content: string | null
  readonly blob: string | null
  readonly [field: string]: unknown
}

export interface AgentSnapshot {
  readonly id: string
  readonly description: string | null
  readonly model: string
  readonly tools: readonly string[]
  readonly confirmation: { readonly mode: 'never' | 'plan' | 'tools'; readonly timeout_seconds: number }
  readonly memory: boolean
  readonly language: string | null
  /** Answers where nobody is named. */
  readonly default: boolean
  readonly [field: string]: unknown
}

export interface MemorySnapshot {
  readonly id: string
  readonly text: string
  readonly user: string | null
  readonly agent: string | null
  /** Where it comes from. */
  readonly session: string
  readonly run: string
  readonly created_at: string
  readonly updated_at: string
  readonly [field: string]: unknown
}
