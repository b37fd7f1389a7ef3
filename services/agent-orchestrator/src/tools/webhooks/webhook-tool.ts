import { setTimeout as delay } from 'node:timers/promises'
import { problemOf, type WebhookSettings } from '@spool/config'
import { OutcomeUnknown } from '../outcome-unknown.ts'
import { spoolVersion } from '../spool-version.ts'
import { ToolError } from '../tool-error.ts'
import type { Tool, ToolContext } from '../tool.ts'
import { type Answer, NoAnswer, post } from './post.ts'
import { isPassing, readAnswer } from './read-answer.ts'
import { sign } from './sign.ts'
import { spoolAnswer } from './spool-answer.ts'

const maxTries = 4
const firstPauseMs = 500
/** What is longer is not read to its end. */
const maxAnswerBytes = 4 * 1024 * 1024

/** A tool that is carried out by an HTTP endpoint. */
export class WebhookTool implements Tool {
  readonly asksFirst = false
  readonly maxOutputBytes = 64 * 1024
  readonly #settings: WebhookSettings
  readonly #secret: string

  constructor(settings: WebhookSettings, secret: string) {
    this.#settings = settings
    this.#secret = secret
  }

  get name() {
    return this.#settings.name
  }

  get description() {
    return this.#settings.description
  }

  get inputSchema() {
    return this.#settings.inputSchema
  }

  get repeatable() {
    return this.#settings.repeatable
  }

  get timeoutMs() {
    return this.#settings.timeoutMs
  }

  problemOf(input: unknown): string | null {
    return problemOf(this.inputSchema, input)
  }

  async run(input: unknown, context: ToolContext): Promise<unknown> {
    const { ref, run, call, attempt } = context
    const { tenant, session } = ref
    const body = JSON.stringify({ tool: this.name, call, run, session, tenant, attempt, input })
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(this.timeoutMs)])
    try {
      const answer = await this.#answerTo(body, call, signal)
      const told = spoolAnswer(answer)
      if (told === null) return readAnswer(answer, this.repeatable)
      for (const { type, data } of told.events) await context.emit(type, data)
      return told.output
    } catch (error) {
      throw error instanceof NoAnswer ? this.#asToolError(error, signal) : error
    }
  }

  /** Asks again where that is safe and may help, as long as there is time. */
  async #answerTo(body: string, call: string, signal: AbortSignal): Promise<Answer> {
    const deadline = performance.now() + this.timeoutMs
    let sent = false
    for (let tries = 1; ; tries++) {
      const result = await this.#post(body, call, signal).catch(asNoAnswer)
      sent ||= !(result instanceof NoAnswer) || result.sent
      const pauseMs = Math.max(pauseAfter(tries), result instanceof NoAnswer ? 0 : result.retryAfterMs)
      const mayHelp = result instanceof NoAnswer ? !signal.aborted : isPassing(result)
      if (!mayHelp || !this.repeatable || tries === maxTries || performance.now() + pauseMs > deadline) {
        if (result instanceof NoAnswer) throw new NoAnswer(sent, result.cause)
        return result
      }
      await delay(pauseMs, undefined, { signal }).catch((error: unknown) => {
        throw new NoAnswer(sent, error)
      })
    }
  }

  #post(body: string, call: string, signal: AbortSignal): Promise<Answer> {
    // Signed anew in each try: what is old is refused by those who look at the timestamp.
    const signature = sign(body, this.#secret, Math.floor(Date.now() / 1000))
    return post(this.#settings.url, body, {
      headers: {
        'content-type': 'application/json',
        'user-agent': `spool/${spoolVersion}`,
        'idempotency-key': call,
        ...signature,
      },
      maxAnswerBytes,
      signal,
    })
  }

  #asToolError(error: NoAnswer, signal: AbortSignal): ToolError {
    const what = signal.aborted
      ? `The tool did not answer in time`
      : error.sent
        ? `The connection to the tool broke before its answer was there (${error.message})`
        : `The tool cannot be reached (${error.message})`
    const options = { cause: error }
    if (!error.sent) return new ToolError('webhook_unreachable', `${what}. It did nothing.`, options)
    if (!this.repeatable) {
      const unknown = `${what}: whether the call was carried out is not known. It was not tried again.`
      return new OutcomeUnknown('outcome_unknown', unknown, options)
    }
    return new ToolError(signal.aborted ? 'timeout' : 'webhook_unreachable', `${what}.`, options)
  }
}

const pauseAfter = (tries: number) => firstPauseMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2)

function asNoAnswer(error: unknown): NoAnswer {
  if (error instanceof NoAnswer) return error
  throw error
}
