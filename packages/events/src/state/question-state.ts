import type { EventOf } from '../vocabulary/event.ts'
import type { Task } from '../vocabulary/confirmation-events.ts'

type Requested = EventOf<'confirmation.requested'>
type Resolved = EventOf<'confirmation.resolved'>

/** A question to a person. Once it is resolved it never changes again. */
export interface QuestionState {
  readonly id: string
  readonly run: string
  readonly kind: Requested['kind']
  readonly round: number
  readonly prompt: string
  readonly tasks: readonly Task[]
  readonly call: string | null
  /** Of exactly what will be done. */
  readonly hash: string
  readonly options: Requested['options']
  readonly timeout_seconds: number
  readonly deadline: string
  readonly askedAt: string
  readonly resolution: Resolution | null
  readonly firstSeq: number
  readonly lastSeq: number
}

export interface Resolution {
  readonly action: Resolved['action']
  readonly message: string | null
  /** A tool call's arguments as the model and as the person wanted them. */
  readonly input_before: unknown
  readonly input_after: unknown
  readonly by: string
  readonly via: string
  /** The request that brought it. */
  readonly request: string | null
  readonly at: string
}
