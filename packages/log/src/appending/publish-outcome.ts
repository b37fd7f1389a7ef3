import { JetStreamApiError } from '@nats-io/jetstream'
import { PermissionViolationError } from '@nats-io/nats-core'

/** What one attempt to append tells. Everything that is not a plain ack leaves the event's fate unknown. */
export type PublishOutcome =
  | { kind: 'stored'; seq: number }
  | { kind: 'unknown'; error: unknown }
  /** The server says that it can never take this. Still no proof: an earlier copy may be stored. */
  | { kind: 'refused'; why: 'size' | 'permission'; error: unknown }
  | { kind: 'full'; error: unknown }

const MESSAGE_EXCEEDS_MAXIMUM = 10054
const STREAM_STORE_FAILED = 10077
const INSUFFICIENT_RESOURCES = 10023
const STORAGE_EXCEEDED = 10047

export function outcomeOfFailure(error: unknown): PublishOutcome {
  if (error instanceof JetStreamApiError) {
    switch (error.code) {
      case MESSAGE_EXCEEDS_MAXIMUM:
        return { kind: 'refused', why: 'size', error }
      case STREAM_STORE_FAILED:
      case INSUFFICIENT_RESOURCES:
      case STORAGE_EXCEEDED:
        return { kind: 'full', error }
    }
  }
  if (isPermissionError(error)) return { kind: 'refused', why: 'permission', error }
  if (error instanceof Error && /max_payload/i.test(error.message)) return { kind: 'refused', why: 'size', error }
  return { kind: 'unknown', error }
}

function isPermissionError(error: unknown): boolean {
  if (error instanceof PermissionViolationError) return true
  return error instanceof Error && error.cause instanceof PermissionViolationError
}
