import type { Language, SpoolEvent } from '@spool/events'
import type { z } from 'zod'

/** One frame of server-sent events. An object is written as JSON. */
export interface Frame {
  /** Absent in dialects without `event:` lines. */
  readonly event?: string
  readonly data: string | Readonly<Record<string, unknown>>
}

/** An event of the run that is streamed, or of no run. */
export interface PlacedEvent {
  readonly event: SpoolEvent
  readonly id: string
  readonly cursor: string
  /** What it `wants`; null: there is no such blob any more. */
  readonly blob?: string | null
}

/** What a dialect remembers of a stream. Its functions change it. */
export interface DialectState {
  /** Nothing more is to be said, whatever may still happen in the run; `close` is not called. */
  over?: boolean
  /** Nothing more is to be said but the last words, whatever may still happen in the run: `close` comes next. */
  done?: boolean
  /** Tells the frames of a `text.delta` apart where they do not follow from the event and the session alone. */
  variant?: string
}

export interface Opening<Options> {
  readonly session: string
  readonly options: Options
  /** As asked for; else the run's own says. */
  readonly language: Language | undefined
  /** Of the request, in milliseconds: `sent` counts from here. */
  readonly openedAt: number
}

export interface Sent {
  readonly bytes: number
  readonly frames: number
  /** Since the stream was opened. */
  readonly ms: number
}

/** Why a stream ends in good order. `reset`: what the client had cannot be continued; it has to load the session anew. */
export type Ending = 'finished' | 'time_limit' | 'reset'

/** What a request asks for. */
export type Wish<Options> = {
  /** Absent: a new one. */
  readonly session?: string | undefined
  readonly language?: string | undefined
  readonly options: Options
} & (
  | {
      readonly kind: 'run'
      readonly run: RunWish
      /** `whole`: no stream, but the finished message in one piece. */
      readonly answer: 'stream' | 'whole'
    }
  /** To whatever is asked in the session. The run's own stream goes on by itself. */
  | {
      readonly kind: 'answer'
      readonly action: 'confirm' | 'modify' | 'cancel'
      readonly message?: string
      /** The whole answer to this request. */
      readonly told: (outcome: 'accepted' | 'pending' | 'nothing_waits', about: Asker) => readonly Frame[]
    }
)

export interface Asker {
  readonly session: string
  /** As asked for; else that of whoever asks. */
  readonly language: Language
}

export interface RunWish {
  readonly message: string
  readonly agent?: string | undefined
  readonly model?: string | undefined
  readonly on_disconnect?: 'continue' | 'cancel' | undefined
  readonly metadata?: Record<string, unknown> | undefined
  /** Taken over where the session is new. */
  readonly history?: readonly PastMessage[] | undefined
  /** For the agent, beside the conversation. */
  readonly context?: unknown
}

export interface PastMessage {
  readonly role: 'user' | 'assistant' | 'system'
  readonly text: string
}

/** A run that is over, for those who asked for its message in one piece. */
export interface Outcome {
  readonly session: string
  readonly run: string
  readonly language: Language | undefined
  readonly status: 'done' | 'limit' | 'cancelled' | 'failed'
  /** Of the answer, as clients are told it; null: there is none. */
  readonly message: Readonly<Record<string, unknown>> | null
  readonly error?: { readonly code: string; readonly message: string }
  readonly reason?: string
}

/** Something beside streams that can be read. */
export type View = {
  readonly path: string
  readonly summary: string
  /** What it makes of the query; what else is asked for there is let be. */
  readonly query: z.ZodType<ViewQuery>
} & (
  | {
      /** Of the session in the path (`:session`), in their order; the answer is a bare array. */
      readonly of: 'messages'
      /** Of each that people are shown. `undefined`: it is left out. */
      tell(message: ShownMessage, about: MessageContext): Readonly<Record<string, unknown>> | undefined
    }
  | {
      /** How Spool does: what `GET /v1/status` says, and the version. */
      readonly of: 'status'
      tell(status: Readonly<Record<string, unknown>>): unknown
    }
)

export interface ViewQuery {
  /** Only so many, the last ones. */
  readonly limit?: number | undefined
  /** With what models were sent, and what they answered. */
  readonly raw?: boolean | undefined
}

/** A message as `GET /v1/sessions/{session}/messages` has it. */
export interface ShownMessage {
  readonly id: string
  readonly role: 'user' | 'assistant' | 'system'
  readonly status: 'streaming' | 'complete' | 'partial'
  readonly reason: string | null
  readonly text: string
  readonly created_at: string | null
  readonly streaming: { readonly completed_at: string | null }
  readonly [field: string]: unknown
}

export interface MessageContext {
  readonly session: string
  /** Of the session. */
  readonly language: Language
  /** Where it is asked for: as `GET …/messages/{message}/raw` has it; `null`: no model was asked for it. */
  readonly raw?: RawMessage | null | undefined
}

export interface RawMessage {
  readonly request: Readonly<Record<string, unknown>>
  readonly response: Readonly<Record<string, unknown>> | null
}

/**
 * One way to speak with Spool. Pure: `open`, `encode` and `close` depend on their arguments alone, so a stream that
 * was cut is made again up to its cursor.
 */
export interface Dialect<Body = unknown, Options = unknown, State extends DialectState = DialectState> {
  readonly name: string
  readonly summary: string
  /** POST asks, GET resumes. As Fastify writes it: `/api/:agent_id/chat`. */
  readonly path: string
  /** POST here answers with the finished message in one piece. */
  readonly wholePath?: string
  readonly body: z.ZodType<Body>
  /** Also where others may ask without a key. */
  readonly alwaysNeedsKey?: true
  /** The finished answer is in the store before `close`. */
  readonly endsWhenStored?: true
  /** Status codes of its own, by the code of a refusal. */
  readonly statuses?: Readonly<Record<string, number>>
  readonly views?: readonly View[]

  /** How long a stream may last where nobody has set it. */
  readonly maxStreamMs?: number

  /** Whom the path names, where it does: who is not there has no streams to be resumed either. */
  agent?(path: Readonly<Record<string, string>>): string | undefined
  /** Throws `DialectRefusal`. */
  wish(body: Body, path: Readonly<Record<string, string>>): Wish<Options>
  /** Of a stream that is resumed, read leniently from the query or from whatever the body is. */
  options(given: Readonly<Record<string, unknown>>): Options

  open(opening: Opening<Options>): { readonly state: State; readonly frames: readonly Frame[] }
  /** The blob whose text `encode` needs beside the event. */
  wants?(event: SpoolEvent): string | undefined
  /** The last frame carries the event's id. */
  encode(placed: PlacedEvent, state: State): readonly Frame[]
  close(ending: Ending, state: State, sent: Sent): readonly Frame[]

  /** Instead of an empty comment every 15 s. */
  beat?(state: State, now: Date): readonly Frame[] | string
  beatMs?(options: Options): number
  /** Frames are collected for so long, or up to so many. */
  hold?(options: Options): { readonly ms: number; readonly frames: number } | undefined
  /** Where `answer` is `whole`. */
  tell?(outcome: Outcome): { readonly status: number; readonly body: Readonly<Record<string, unknown>> }
}
