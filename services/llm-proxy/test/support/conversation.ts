import {
  type EventFields,
  type EventType,
  type MessageState,
  type SessionState,
  type SpoolEvent,
  allows,
  draft,
  emptySession,
  encodeEvent,
  fold,
  isOpenMessage,
  messageOf,
  newId,
} from '@spool/events'
import {
  type Log,
  type SessionRef,
  type StoredEvent,
  ChainWriter,
  announce,
  announceDone,
  foldStored,
  publishJob,
} from '@spool/log'
import { until } from './until.ts'

/** What else a request for an answer may say. */
type Request = Partial<EventFields<'message.requested'>>

/** A session as an orchestrator sees it: it asks for answers and cancels them, and reads what becomes of that. */
export class Conversation {
  readonly ref: SessionRef
  readonly run = newId()
  readonly message = newId()
  private readonly writer: ChainWriter
  private state = emptySession()

  constructor(
    readonly log: Log,
    session = newId(),
  ) {
    this.ref = { tenant: 'test', session }
    this.writer = new ChainWriter(log, this.ref, 0)
  }

  /** Everything up to the request for an answer, without the job. */
  async request(model: string, said = 'Hello', more: Request = {}): Promise<void> {
    const { run, message } = this
    const input = newId()
    await this.say('run.started', { run, kind: 'agent', agent: 'demo', model, input })
    await this.say('message.added', { run, message: input, role: 'user', parts: [{ type: 'text', text: said }] })
    await this.say('message.requested', { run, message, purpose: 'answer', model, ...more })
  }

  async ask(model: string, said?: string, more?: Request): Promise<void> {
    await this.request(model, said, more)
    await this.publish()
  }

  publish(): Promise<void> {
    return publishJob(this.log, this.ref, { kind: 'llm', key: this.message })
  }

  /** What a worker that died would have left behind: its attempt, and some of its text. */
  async begun(model: string, texts: readonly string[], worker = 'dead-worker'): Promise<void> {
    const { run, message } = this
    const about = { run, message, provider: 'demo', model }
    await this.say('message.started', { ...about, role: 'assistant', purpose: 'answer' })
    await this.say('generation.started', { ...about, attempt: 1, worker, reason: 'first', kept: 0 })
    for (const [index, text] of texts.entries()) {
      await this.say('text.delta', { run, message, sequence: index + 1, text })
    }
  }

  /** As an orchestrator does it: notice, append, all clear. Resolves with when the append was stored, if it was. */
  async cancel(): Promise<number | null> {
    announce(this.log, this.ref, 'cancel')
    try {
      return await this.requestCancel()
    } finally {
      announceDone(this.log, this.ref)
    }
  }

  /** The append alone, as if the notice had been lost. */
  async requestCancel(): Promise<number | null> {
    const request = draft('run.cancel_requested', { run: this.run, by: 'user', reason: 'user' })
    while (allows(this.state, request) === null && isOpenMessage(this.answer)) {
      if (await this.append(request)) return performance.now()
    }
    return null
  }

  /** Appends where nobody else does. */
  async say<Type extends EventType>(type: Type, fields: EventFields<Type>): Promise<void> {
    while (!(await this.append(draft(type, fields) as SpoolEvent)));
  }

  get answer(): MessageState {
    return messageOf(this.state, this.message)!
  }

  /** All events so far, from the leader. */
  async events(): Promise<StoredEvent[]> {
    const events: StoredEvent[] = []
    const last = await this.log.lastPosition(this.ref)
    for await (const event of this.log.read(this.ref, 0, last)) events.push(event)
    return events
  }

  async refresh(): Promise<SessionState> {
    const last = await this.log.lastPosition(this.ref)
    for await (const event of this.log.read(this.ref, this.state.seq, last)) this.state = foldStored(this.state, event)
    return this.state
  }

  async untilText(characters: number): Promise<void> {
    await until(`${characters} characters`, async () => {
      await this.refresh()
      return this.answer.text.length >= characters
    })
  }

  /** The message, once it is closed. */
  async closed(limitMs?: number): Promise<MessageState> {
    await until('the end of the message', async () => !isOpenMessage((await this.refresh(), this.answer)), limitMs, 10)
    return this.answer
  }

  private async append(event: SpoolEvent): Promise<boolean> {
    const appended = await this.writer.append({ id: newId(), type: event.type, body: encodeEvent(event) })
    if (appended.outcome === 'stored') this.state = fold(this.state, { seq: appended.seq, event })
    else for (const other of appended.others) this.state = foldStored(this.state, other)
    return appended.outcome === 'stored'
  }
}
