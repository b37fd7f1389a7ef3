import {
  AnswerNotTaken,
  type ClientEvent,
  isQuestion,
  type QuestionEvent,
  type QuestionSnapshot,
  Refused,
  RunFailed,
  type SendOptions,
  type Session,
} from '@spool/client'
import { harmless } from '../output/harmless.ts'
import type { Output } from '../output/output.ts'
import type { Person } from './person.ts'
import { answerPrompt, questionLines, readAnswer } from './question.ts'
import { pastOf, showRecent } from './recent-messages.ts'
import { type Ending, RunView } from './run-view.ts'
import type { Screen } from './screen.ts'

/** Why a conversation is left before its person has said all. */
export class Left extends Error {
  override readonly name = 'Left'
}

/** What is asked, and who is being asked at the moment. */
interface Asking {
  readonly id: string
  readonly until: AbortController
}

/** A session as one person talks in it: a run at a time, shown to its end, its questions asked on the way. */
export class Conversation {
  /** Whether there is anything to come back to. */
  begun = false
  /** It waits for an answer that nobody here can give. */
  unanswered = false
  /** Somebody has pressed Ctrl-C. */
  interrupted = false
  private readonly leaving = new AbortController()
  private activeRun: string | null = null
  private cancelling = false
  private asking: Asking | null = null

  constructor(
    private readonly session: Session,
    private readonly person: Person,
    private readonly screen: Screen,
    private readonly output: Output,
    private readonly options: Pick<SendOptions, 'agent' | 'model'>,
  ) {}

  /** Aborted when it is left. */
  get left(): AbortSignal {
    return this.leaving.signal
  }

  /** Shows the last that was said, and follows what goes on. */
  async open(): Promise<Ending | null> {
    const past = await pastOf(this.session, this.left)
    if (past === null) return null
    this.begun = true
    showRecent(this.screen, past)
    let ending: Ending | null = null
    for (let after: string | undefined = past.cursor; ; after = undefined) {
      const { session } = await this.session.snapshot({}, this.left)
      const writing = past.messages.find(({ status }) => status === 'streaming')?.run ?? null
      const run = session.active_run ?? (after === undefined ? null : writing)
      if (run === null) break
      const question = session.question ?? null
      const events = this.session.followRun(run, { ...(after !== undefined && { after }), signal: this.left })
      const shown = past.messages.filter((message) => message.run === run && message.role === 'assistant')
      const joinedAt = new Map(shown.map((message) => [message.id, message.text.length]))
      ending = await this.follow(run, events, new RunView(this.screen, run, joinedAt), question)
    }
    this.screen.endFlow()
    return ending
  }

  /** Says something, and shows the answer to its end. */
  async say(text: string): Promise<Ending> {
    const run = await this.session.send(text, { ...this.options, signal: this.left })
    this.begun = true
    return this.follow(run.run, run.events, new RunView(this.screen, run.run), null)
  }

  /** Ctrl-C: the first cancels what is being answered, any other leaves. */
  interrupt(): void {
    const { activeRun } = this
    this.interrupted = true
    if (activeRun === null || this.cancelling) return this.leave()
    this.cancelling = true
    this.asking?.until.abort(new Left())
    this.screen.aside(' cancelling …')
    this.session.cancel(activeRun, this.left).catch((error: unknown) => {
      // It ended by itself meanwhile: its events say how.
      if (!(error instanceof Refused)) this.leave()
    })
  }

  leave(): void {
    this.leaving.abort(new Left())
  }

  private async follow(
    run: string,
    events: AsyncIterable<ClientEvent>,
    view: RunView,
    question: QuestionSnapshot | null,
  ): Promise<Ending> {
    this.activeRun = run
    this.cancelling = false
    try {
      if (question !== null) {
        const [head = '', ...lines] = questionLines(question)
        this.screen.line(head, 'yellow')
        for (const line of lines) this.screen.line(line)
        this.ask(question.id, question, view)
      }
      for await (const event of events) {
        this.output.data(event)
        if (event.type === 'confirmation.resolved' && event['confirmation'] === this.asking?.id) this.stopAsking()
        const isAsked = isQuestion(event) && event.run === run && event.confirmation !== this.asking?.id
        if (!isQuestion(event) || isAsked) view.take(event)
        if (isAsked && !this.cancelling) this.ask(event.confirmation, event, view)
      }
      return view.ending ?? 'done'
    } catch (error) {
      if (error instanceof RunFailed) return 'failed'
      throw error
    } finally {
      this.stopAsking()
      this.activeRun = null
      this.screen.endFlow()
    }
  }

  /** Beside the events: it may be answered elsewhere, or its time may be over, while somebody thinks here. */
  private ask(id: string, question: QuestionEvent | QuestionSnapshot, view: RunView): void {
    this.stopAsking()
    const until = new AbortController()
    const signal = AbortSignal.any([until.signal, this.left])
    const onAnswer = () => view.isAnsweredHere(id)
    this.askUntilAnswered(question, onAnswer, signal).catch((error: unknown) => {
      if (!(error instanceof Left)) this.leaving.abort(error)
    })
    this.asking = { id, until }
  }

  private stopAsking(): void {
    this.asking?.until.abort(new Left())
    this.asking = null
  }

  private async askUntilAnswered(
    question: QuestionEvent | QuestionSnapshot,
    onAnswer: () => void,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      const line = await this.person.answer(answerPrompt(question), signal)
      if (line === null) {
        this.unanswered = true
        return this.leave()
      }
      const answer = readAnswer(line, question)
      if (typeof answer === 'string') {
        this.output.note(answer)
        continue
      }
      try {
        onAnswer()
        await this.session.confirm(question, answer, signal)
        return
      } catch (error) {
        if (!(error instanceof Refused)) throw error
        this.output.note(harmless(error.message))
        // Somebody was faster, or the clock.
        if (error instanceof AnswerNotTaken && error.happened !== undefined) return
      }
    }
  }
}
