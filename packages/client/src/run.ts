import { type ClientEvent, isQuestion, type QuestionEvent } from './client-event.ts'
import type { ConfirmAnswer } from './confirm-answer.ts'
import { AnswerNotTaken, QuestionAsked, RunCancelled } from './errors.ts'
import { AnswerText, type RunEnding } from './streaming/answer-text.ts'
import type { RunEnd } from './streaming/run-end.ts'

export interface TextOptions {
  /**
   * Asked whenever the run waits for a person; `undefined` leaves the answer to somebody else. Without it a question
   * that nobody has answered yet is thrown as `QuestionAsked`.
   */
  onQuestion?: (question: QuestionEvent) => Promise<ConfirmAnswer | undefined> | ConfirmAnswer | undefined
}

/** How a run ended, and what it wrote. */
export interface RunOutcome extends RunEnding {
  readonly text: string
}

/** What a run needs of its session. */
export interface RunContext {
  readonly end: RunEnd
  /** `null`: it is not over. Throws `RunFailed`. */
  readonly readStored: () => Promise<RunOutcome | null>
  readonly isWaiting: (question: QuestionEvent) => Promise<boolean>
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
   * The whole answer, once the run is over; what it will be remembered by may still follow in `events`. Of a run that
   * reached a limit it is what was written until then; `outcome` tells the two apart. Throws `RunFailed`,
   * `RunCancelled`, and `QuestionAsked` where nobody says how to answer.
   *
   * @example
   * const text = await run.text({ onQuestion: (question) => ({ action: ask(question.prompt) ? 'confirm' : 'cancel' }) })
   */
  async text(options: TextOptions = {}): Promise<string> {
    const { status, text, reason = '' } = await this.outcome(options)
    if (status === 'cancelled') throw new RunCancelled(reason, text)
    return text
  }

  /** The same with how the run ended: a cancelled one is an outcome as well. Throws `RunFailed` and `QuestionAsked`. */
  async outcome({ onQuestion }: TextOptions = {}): Promise<RunOutcome> {
    while (!this.context.end.onlyMemoryFollows) {
      const next = await this.source.next()
      if (next.done === true) break
      const event = next.value
      if (isQuestion(event) && event.run === this.run) await this.take(event, onQuestion)
    }
    const { answer } = this
    const seen = answer.ending
    const outcome =
      seen === undefined || answer.isIncomplete ? await this.context.readStored() : { ...seen, text: answer.text }
    if (outcome !== null) return outcome
    throw new Error('The events of the run were left before its end. Follow it to its end with session.followRun().')
  }

  private async take(question: QuestionEvent, onQuestion: TextOptions['onQuestion']): Promise<void> {
    if (onQuestion !== undefined) {
      const answer = await onQuestion(question)
      if (answer !== undefined) await this.confirm(question, answer)
    } else if (await this.context.isWaiting(question)) throw new QuestionAsked(question)
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
