import { type ClientEvent, isQuestion, type QuestionEvent } from './client-event.ts'
import type { ConfirmAnswer } from './confirm-answer.ts'
import { AnswerNotTaken } from './errors.ts'
import { AnswerText } from './streaming/answer-text.ts'
import type { RunEnd } from './streaming/run-end.ts'

export interface TextOptions {
  /** Asked whenever the run waits for a person; `undefined` leaves the answer to somebody else. */
  onQuestion?: (question: QuestionEvent) => Promise<ConfirmAnswer | undefined> | ConfirmAnswer | undefined
}

/** What a run needs of its session. */
export interface RunContext {
  readonly end: RunEnd
  readonly readStored: () => Promise<string>
  readonly confirm: (question: QuestionEvent, answer: ConfirmAnswer) => Promise<unknown>
}

/** A run that was started: its events as they come, and its answer. */
export class Run {
  /** To be read once, by one loop. It reconnects by itself. */
  readonly events: AsyncIterable<ClientEvent>
  private readonly answer: AnswerText
  private readonly source: AsyncGenerator<ClientEvent, void, undefined>

  constructor(
    /** Its id. */
    readonly run: string,
    readonly session: string,
    events: AsyncGenerator<ClientEvent, void, undefined>,
    private readonly context: RunContext,
  ) {
    this.answer = new AnswerText(run)
    this.source = this.observe(events)
    this.events = this.source
  }

  /**
   * The whole answer, once the run is over; what it will be remembered by may still follow in `events`. Throws
   * `RunFailed`. A cancelled run answers with what it had.
   *
   * @example
   * const text = await run.text({ onQuestion: (question) => ({ action: ask(question.prompt) ? 'confirm' : 'cancel' }) })
   */
  async text({ onQuestion }: TextOptions = {}): Promise<string> {
    const { end, readStored } = this.context
    while (!end.onlyMemoryFollows) {
      const next = await this.source.next()
      if (next.done === true) break
      const event = next.value
      if (onQuestion !== undefined && isQuestion(event) && event.run === this.run) {
        const answer = await onQuestion(event)
        if (answer !== undefined) await this.confirm(event, answer)
      }
    }
    return this.answer.isIncomplete ? readStored() : this.answer.text
  }

  /** Whoever was faster, or the clock, has decided: the events that follow say what. */
  private async confirm(question: QuestionEvent, answer: ConfirmAnswer): Promise<void> {
    try {
      await this.context.confirm(question, answer)
    } catch (error) {
      if (!(error instanceof AnswerNotTaken)) throw error
    }
  }

  private async *observe(
    events: AsyncGenerator<ClientEvent, void, undefined>,
  ): AsyncGenerator<ClientEvent, void, undefined> {
    for await (const event of events) {
      this.answer.take(event)
      yield event
    }
  }
}
