import type { EventOf } from '../vocabulary/event.ts'
import type { Failure } from '../vocabulary/failure.ts'
import type { Part } from '../vocabulary/parts.ts'
import type { Usage } from '../vocabulary/usage.ts'
import type { Task } from '../vocabulary/confirmation-events.ts'

type Terms = EventOf<'run.started'>

export type RunStatus = 'queued' | 'active' | 'done' | 'limit' | 'cancelled' | 'failed'

/**
 * A run. What repeats a field of an event keeps that field's name; what the fold makes is in camelCase.
 * Once it has ended and its memory is settled (`lastSeq` is set) it never changes again.
 */
export interface RunState {
  readonly id: string
  readonly kind: Terms['kind']
  readonly status: RunStatus
  /** Of the last `run.status`, with its text. */
  readonly phase: EventOf<'run.status'>['phase'] | null
  readonly statusText: string | null
  readonly agent: string | null
  readonly model: string | null
  readonly language: string | null
  /** Id of the message that the run answers. */
  readonly input: string | null
  readonly user: string | null
  readonly memory: 'on' | 'off'
  readonly confirmation: NonNullable<Terms['confirmation']> | null
  readonly on_disconnect: 'continue' | 'cancel'
  readonly limits: NonNullable<Terms['limits']> | null
  readonly key: string | null
  readonly body_hash: string | null
  readonly metadata: Readonly<Record<string, unknown>> | null
  /** What the model is told beside the conversation, or the blob that holds it. Absent: nothing. */
  readonly context?: unknown
  readonly contextBlob?: string
  /** The message of a run that waited or waits: to be added when it starts; null once it was added. */
  readonly waiting: { readonly message: string; readonly parts: readonly Part[] } | null
  /** Of its `run.queued`, else its `run.started`: where its window begins. */
  readonly firstSeq: number
  readonly startedSeq: number | null
  /** Of `run.completed`, `run.cancelled` or `run.failed`. */
  readonly endedSeq: number | null
  /** Where its window ends: `endedSeq`, or with memory on the event that settled the memory. null: still open. */
  readonly lastSeq: number | null
  /** Of the event that last gave the orchestrator something to decide: key of the run's job. */
  readonly turnSeq: number
  readonly queuedAt: string | null
  readonly startedAt: string | null
  readonly endedAt: string | null
  /** Time spent waiting for a person; does not count against the wall-clock limit. */
  readonly waitedMs: number
  readonly cancelRequested: CancelRequest | null
  /** Calls of a model for an answer or a plan. */
  readonly steps: number
  readonly toolCalls: number
  /** Over all attempts of all messages, each counted once. */
  readonly usage: Usage
  readonly plan: PlanState | null
  /** Which limit ended it. */
  readonly limit: string | null
  /** Who cancelled it and why. */
  readonly cancelled: { readonly by: string; readonly reason: string } | null
  readonly error: EventOf<'run.failed'>['error'] | null
  readonly attempts: NonNullable<EventOf<'run.failed'>['attempts']> | null
  readonly durationMs: number | null
  readonly memoryState: MemoryState
}

export interface CancelRequest {
  readonly seq: number
  readonly by: string
  readonly reason: string
  readonly at: string
}

export interface PlanState {
  readonly seq: number
  readonly round: number
  readonly tasks: readonly Task[]
}

export interface MemoryState {
  /** `off` also where the run never started; `pending` from the start until it is settled. */
  readonly status: 'off' | 'pending' | 'updated' | 'failed'
  /** The message that extracts, once it is requested; `seq` of its last step. */
  readonly message: {
    readonly id: string
    readonly status: 'open' | 'complete' | 'partial'
    readonly seq: number
  } | null
  readonly found: number
  readonly count: number | null
  readonly usage: Usage
  readonly error: Failure | null
}

/** Whether later events may still change it. */
export function isOpenRun(run: RunState): boolean {
  return run.lastSeq === null
}
