import type { EventOf } from '../vocabulary/event.ts'
import type { Failure } from '../vocabulary/failure.ts'

/** A tool call. Once it has ended it never changes again. */
export interface CallState {
  readonly id: string
  readonly run: string
  readonly name: string
  readonly input: unknown
  /** Index of the plan's task that it carries out. */
  readonly task: number | null
  readonly repeatable: boolean
  readonly status: 'called' | 'started' | 'completed' | 'failed'
  readonly attempt: number
  readonly worker: string | null
  readonly progress: number | null
  readonly progressText: string | null
  /** The output, or where `blob` holds it all, its beginning. */
  readonly output: unknown
  readonly blob: string | null
  readonly error: Failure | null
  readonly outcome: EventOf<'tool.failed'>['outcome'] | null
  readonly durationMs: number | null
  readonly calledAt: string
  readonly endedAt: string | null
  readonly firstSeq: number
  readonly lastSeq: number
}

export function isOpenCall(call: CallState): boolean {
  return call.status === 'called' || call.status === 'started'
}
