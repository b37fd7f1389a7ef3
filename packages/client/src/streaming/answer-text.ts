import { type ClientEvent, isReset } from '../client-event.ts'
import { RunFailed } from '../errors.ts'

/** The text that a run answers with, as its events tell it. */
export class AnswerText {
  /** By message, in the order in which they were begun; only answers are for people. */
  private readonly texts = new Map<string, string>()
  private failure: RunFailed | undefined = undefined
  private incomplete = false

  constructor(private readonly run: string) {}

  /** Whether something was skipped, so that the text has to be read from the server. */
  get isIncomplete(): boolean {
    return this.incomplete
  }

  get text(): string {
    if (this.failure !== undefined) throw this.failure
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
      case 'run.failed':
        this.failure = failureOf(event)
        break
    }
  }
}

function failureOf(event: ClientEvent): RunFailed {
  const { code, message, retryable } = event['error'] as { code: string; message: string; retryable: boolean }
  return new RunFailed(code, message, retryable)
}
