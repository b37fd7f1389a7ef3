import type { EventOf } from '@spool/events'

export interface CallResult {
  readonly status: 'completed' | 'failed'
  /** The output; of a large one its beginning. */
  readonly result: unknown
  /** Where all of a large one is. */
  readonly result_url?: string
  /** In seconds. */
  readonly execution_time: number
  readonly error_message: string | null
  /** There is more of it than stands here. */
  readonly truncated?: true
}

/** A client keeps it and sends it along with every message: in UTF-16 code units. */
const LONGEST_KEPT = 8192

/** What came of a call that was asked for at `calledAt`. */
export function resultOf(
  event: EventOf<'tool.completed'> | EventOf<'tool.failed'>,
  calledAt: string,
  session: string,
): CallResult {
  if (event.type === 'tool.failed') {
    const ms = Math.max(0, Date.parse(event.at) - Date.parse(calledAt))
    return { status: 'failed', result: null, execution_time: ms / 1000, error_message: event.error.message }
  }
  const { output = null, blob, duration_ms } = event
  return {
    status: 'completed',
    result: output,
    execution_time: duration_ms / 1000,
    error_message: null,
    ...(blob !== undefined && { result_url: `/v1/sessions/${session}/blobs/${blob}`, truncated: true as const }),
  }
}

export function shortened(came: CallResult): CallResult {
  const text = typeof came.result === 'string' ? came.result : (JSON.stringify(came.result) ?? '')
  if (text.length <= LONGEST_KEPT) return came
  return { ...came, result: text.slice(0, LONGEST_KEPT).toWellFormed(), truncated: true }
}
