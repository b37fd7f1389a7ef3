import { emptySession, runOf, type SessionState } from '@spool/events'
import { type Bus, foldStored, type Log, QueryRefused, type SessionRef, type StoredEvent } from '@spool/log'

interface Question extends SessionRef {
  seq?: number
  after?: number
  until?: number
  run?: string
  message?: string
  atLeast?: { seq: number }
  at?: { epoch: number; seq: number }
}

/** Plays persistence: answers from a fold of what JetStream holds, made anew for every question. */
export class ScriptedPersistence {
  /** While true nobody answers. */
  away = false
  /** While true it says that it has not seen what it was to have seen. */
  behind = false
  /** The questions, in order. */
  readonly asked: Question[] = []
  /** Chains that have left JetStream, by session. */
  readonly archived = new Map<string, StoredEvent[]>()
  /** Answers of a test's own, by the question's name; a refusal is returned. */
  readonly answers = new Map<string, (question: unknown) => unknown>()
  private readonly stopListening: () => void
  private stopped = false

  constructor(
    private readonly bus: Bus,
    private readonly log: Log,
  ) {
    const subscription = bus.nc.subscribe('query.*', {
      callback: (error, message) => {
        if (error || this.away) return
        const { pattern, data, id } = message.json<{ pattern: string; data: Question; id: string }>()
        this.asked.push(data)
        if (this.behind && data.atLeast !== undefined) {
          const err = { code: 'behind', message: 'not yet' }
          return void message.respond(JSON.stringify({ id, err, isDisposed: true }))
        }
        const respond = (response: unknown) => {
          if (response instanceof QueryRefused) {
            const err = { code: response.code, message: response.message }
            return void message.respond(JSON.stringify({ id, err, isDisposed: true }))
          }
          message.respond(JSON.stringify({ id, response: JSON.stringify(response) }))
          message.respond(JSON.stringify({ id, isDisposed: true }))
        }
        this.answer(pattern.slice('query.'.length), data).then(respond, (failure: unknown) => {
          // Who is stopped in the middle of a question answers nobody.
          if (!this.stopped) throw failure
        })
      },
    })
    this.stopListening = () => subscription.unsubscribe()
  }

  stop(): void {
    this.stopped = true
    this.stopListening()
  }

  private async answer(name: string, question: Question): Promise<unknown> {
    const own = this.answers.get(name)
    if (own !== undefined) return own(question)
    if (name === 'sessions') return { sessions: [], next: null }
    if (name === 'heights') return [0]
    if (name === 'open_runs') return { open: 0 }
    const events = await this.events(question)
    const seq = events.at(-1)?.seq ?? 0
    if (name === 'tail') return { seq, erased: false }
    if (name === 'has') return events.some((event) => event.seq === question.seq)
    if (name === 'read') {
      const { after = 0, until = 0 } = question
      const wanted = events.filter((event) => event.seq > after && event.seq <= until)
      return { events: wanted.map((event) => ({ ...event, trace: null, body: event.text() })), more: false }
    }
    if (events.length === 0) return null
    const state = events.reduce<SessionState>(foldStored, emptySession())
    const cursor = { epoch: this.log.epochOf(question), seq }
    switch (name) {
      case 'state':
        return state
      case 'session':
        return { session: { id: question.session, phase: state.phase }, cursor }
      case 'messages':
        return { messages: state.messages.map(publicMessage), cursor }
      case 'message': {
        const message = state.messages.find(({ id }) => id === question.message)
        return message === undefined ? null : { message: publicMessage(message), cursor }
      }
      case 'run': {
        const run = runOf(state, question.run)
        return run === undefined
          ? null
          : { run: { id: run.id, first_seq: run.firstSeq, last_seq: run.lastSeq }, cursor }
      }
      case 'confirmations': {
        const all = state.question === null ? state.questions : [...state.questions, state.question]
        return { confirmations: all.map(({ id, resolution }) => ({ id, resolution })), cursor }
      }
      case 'artifacts':
        return { artifacts: state.artifacts, cursor }
      default:
        throw new Error(`nobody should ask for ${name}`)
    }
  }

  private async events(ref: SessionRef): Promise<StoredEvent[]> {
    const events = [...(this.archived.get(ref.session) ?? [])]
    const stream = this.log.subjects.logStream(ref)
    const last = await this.bus.jsm.streams.getMessage(stream, { last_by_subj: this.log.subjects.log(ref) })
    if (last !== null && last.seq > (events.at(-1)?.seq ?? 0)) {
      for await (const event of this.log.read(ref, events.at(-1)?.seq ?? 0, last.seq)) events.push(event)
    }
    return events
  }
}

const publicMessage = ({ id, role, status, text, firstSeq }: SessionState['messages'][number]) => ({
  id,
  role,
  status,
  text,
  first_seq: firstSeq,
})
