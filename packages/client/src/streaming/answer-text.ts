import { type ClientEvent, isReset } from '../client-event.ts'
import { RunFailed } from '../errors.ts'

/** How a run ended that did not fail. */
export interface RunEnding {
  readonly status: 'done' | 'limit' | 'cancelled'
  /** Which one was reached: `steps`, `tool_calls` or `tokens`. What was written until then is the text. */
  readonly limit?: string
  /** Why it was cancelled. */
  readonly reason?: string
}

/** The text that a run answers with, and how it ended, as its events tell it. */
export class AnswerText {
  /** By message, in the order in which they were begun; only answers are for people. */
  private readonly texts = new Map<string, string>()
  private ended: RunEnding | RunFailed | undefined = undefined
  private incomplete = false

  constructor(private readonly run: string) {}

  /** Whether something was skipped, so that the text has to be read from the server. */
  get isIncomplete(): boolean {
    return this.incomplete
  }

  /** `undefined`: its end was not seen. Throws `RunFailed`. */
  get ending(): RunEnding | undefined {
    if (this.ended instanceof RunFailed) throw this.ended
    return this.ended
  }

  get text(): string {
    return [...this.texts.values()].at(-1) ?? ''
  }

  take(event: ClientEvent): void {
    if (isReset(event)) this.incomplete = true
    if (event.run !== this.run) return
    const message = String(event['message'])
    switch (event.type) {
      case 'message.started':
        if (event['purpose'] === 'answer') this.texts.set(message, '')
        break
      case 'generation.started':
        // A new attempt keeps all of the text or none of it.
        if (event['kept'] === 0 && this.texts.has(message)) this.texts.set(message, '')
        break
      case 'text.delta': {
        const text = this.texts.get(message)
        if (text !== undefined) this.texts.set(message, text + String(event['text']))
        break
      }
      case 'run.completed':
        this.ended = endingOf({ status: event['status'], limit: event['limit'] })
        break
      case 'run.cancelled':
        this.ended = endingOf({ status: 'cancelled', cancelled: event })
        break
      case 'run.failed':
        this.ended = failureOf(event['error'])
        break
    }
  }
}

/** Of a run as it is stored. `undefined`: it is not over. Throws `RunFailed`. */
export function endingOf(run: Readonly<Record<string, unknown>>): RunEnding | undefined {
  const { status, limit, cancelled, error } = run
  if (status === 'failed') throw failureOf(error)
  if (status === 'done') return { status }
  if (status === 'limit') return { status, limit: String(limit) }
  if (status === 'cancelled') return { status, reason: String((cancelled as { reason?: unknown } | null)?.reason) }
  return undefined
}

function failureOf(error: unknown): RunFailed {
  const { code, message, retryable } = error as { code: string; message: string; retryable: boolean }
  return new RunFailed(code, message, retryable)
}
