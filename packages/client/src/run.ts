import type { ClientEvent } from './client-event.ts'
import { AnswerText } from './streaming/answer-text.ts'

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
    private readonly readStored: () => Promise<string>,
  ) {
    this.answer = new AnswerText(run)
    this.source = this.observe(events)
    this.events = this.source
  }

  /** The whole answer, once the run is over. Throws `RunFailed`. A cancelled run answers with what it had. */
  async text(): Promise<string> {
    for await (const event of this.source) void event
    return this.answer.isIncomplete ? this.readStored() : this.answer.text
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
