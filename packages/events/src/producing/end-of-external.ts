import { elapsedMs } from '../folding/elapsed-ms.ts'
import type { RunState } from '../state/run-state.ts'
import { isOpenMessage, type MessageState } from '../state/message-state.ts'
import type { SessionState } from '../state/session-state.ts'
import { explainFailure } from '../texts/explain-failure.ts'
import { say } from '../texts/say.ts'
import { draft } from '../vocabulary/draft.ts'
import type { KnownEvent } from '../vocabulary/event.ts'

const ERROR = 'error: '
const CANCELLED: ReadonlySet<string> = new Set(['cancelled', 'client_disconnected'])

/**
 * What ends a producer's run: its message has, so whoever sees the one says the other, the gateway that closed the
 * message or, where that died in between, the orchestrator. null: it has ended, or its message is not closed.
 */
export function endOfExternal(state: SessionState, run: RunState, at: Date): KnownEvent | null {
  const message = state.messages.findLast((one) => one.run === run.id)
  if (run.kind !== 'external' || run.endedSeq !== null || message === undefined || isOpenMessage(message)) return null
  if (message.status === 'complete') {
    const duration_ms = Math.max(0, at.getTime() - Date.parse(run.startedAt ?? at.toISOString()))
    return draft('run.completed', { run: run.id, status: 'done', usage: run.usage, steps: run.steps, duration_ms }, at)
  }
  const reason = message.reason ?? 'producer_silent'
  if (CANCELLED.has(reason))
    return draft('run.cancelled', { run: run.id, by: 'producer', reason, usage: run.usage }, at)
  return failureOfExternal(run, reason, at)
}

/** `reason`: as its message says it. */
export function failureOfExternal({ id: run, language, usage }: RunState, reason: string, at: Date): KnownEvent {
  const said = reason.startsWith(ERROR) ? reason.slice(ERROR.length) : null
  const code = said === null ? reason : 'producer_failed'
  const message = said ?? explainFailure(language, reason) ?? say(language, 'error.unfinished')
  return draft('run.failed', { run, error: { code, message, retryable: false }, usage }, at)
}

/** What is written into `message.completed` of a producer's message: measured by its events. */
export function timingOfExternal({ streaming, firstChunkAt, lastChunkAt }: MessageState, at: Date) {
  const intervals = streaming.chunks_count - 1
  return {
    first_token_ms: streaming.first_token_ms,
    duration_ms: elapsedMs(streaming.started_at ?? at.toISOString(), at.toISOString()),
    chunks: streaming.chunks_count,
    average_chunk_interval_ms:
      intervals < 1 || firstChunkAt === null || lastChunkAt === null
        ? null
        : elapsedMs(firstChunkAt, lastChunkAt) / intervals,
  }
}
