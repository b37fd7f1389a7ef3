import type { Asked } from './client-event.ts'
import type { Cursor } from './cursor.ts'

/** Following from `cursor` misses nothing that came after the snapshot, and repeats nothing that is in it. */
export type AtCursor<T> = T & { readonly cursor: Cursor }

export interface SessionSnapshot {
  readonly id: string
  readonly title: string | null
  readonly phase: string
  readonly active_run: string | null
  /** `whole`: all of it is there. */
  readonly forked_from?: { readonly session: string; readonly cursor: Cursor; readonly whole: boolean } | null
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
  /** When it began. */
  readonly created_at: string | null
  readonly [field: string]: unknown
}

/** What a model was sent for a message, and how its provider ended the answer. */
export interface RawMessage {
  readonly message: string
  readonly run: string
  readonly purpose: string
  readonly status: MessageSnapshot['status']
  /** That of the last attempt. */
  readonly request: {
    readonly provider: string | null
    readonly model: string
    readonly parameters: Readonly<Record<string, unknown>>
    readonly messages: readonly Readonly<Record<string, unknown>>[]
    readonly tools: readonly Readonly<Record<string, unknown>>[]
    readonly [field: string]: unknown
  }
  /** `null`: not a word yet. */
  readonly response: {
    readonly content: string
    readonly finish_reason: string | null
    /** As the provider said it. */
    readonly data: Readonly<Record<string, unknown>> | null
    readonly [field: string]: unknown
  } | null
  readonly attempts: readonly Readonly<Record<string, unknown>>[]
  readonly [field: string]: unknown
}

/** A message that a search has found. */
export interface SearchHit {
  readonly session: string
  readonly message: string
  readonly run: string | null
  readonly role: MessageSnapshot['role']
  readonly status: 'complete' | 'partial'
  readonly at: string
  /** Plain text. Joined, the pieces are an excerpt of the message; those with `hit` are what was searched for. */
  readonly snippet: readonly { readonly text: string; readonly hit?: true }[]
  /** Where the message ended. */
  readonly cursor: Cursor
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
  /** `null`: a fork's copy. */
  readonly run: string | null
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
