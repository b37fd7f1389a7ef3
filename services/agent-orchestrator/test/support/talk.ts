import {
  type EventFields,
  type EventType,
  type MessageState,
  type Part,
  type Placed,
  type PromptMessage,
  type RunState,
  type SessionState,
  allows,
  draft,
  emptySession,
  fold,
  messageOf,
  prompt,
  runOf,
} from '@spool/events'

const START = Date.parse('2026-01-01T00:00:00.000Z')

/** A conversation told event by event, without a server; each event must be one that a writer may append. */
export class Talk {
  state: SessionState = emptySession()
  readonly log: Placed[] = []
  private ids = 0

  readonly newId = (): string => `id${++this.ids}`

  get now(): Date {
    return new Date(START + this.log.length * 100)
  }

  say<Type extends EventType>(type: Type, fields: EventFields<Type>): this {
    return this.append(draft(type, fields, this.now))
  }

  append(event: Placed['event']): this {
    const refusal = allows(this.state, event)
    if (refusal !== null) throw new Error(`${event.type}: ${refusal}`)
    const placed = { seq: this.state.seq + 2, event }
    this.log.push(placed)
    this.state = fold(this.state, placed)
    return this
  }

  ask(run: string, parts: readonly Part[], terms: Partial<EventFields<'run.started'>> = {}): this {
    const input = `${run}-input`
    return this.say('run.started', { run, kind: 'agent', agent: 'demo', model: 'm', input, ...terms }).say(
      'message.added',
      { run, message: input, role: 'user', parts: [...parts] },
    )
  }

  answer(run: string, text: string, fields: Partial<EventFields<'message.completed'>> = {}): this {
    const message = this.newId()
    return this.say('message.requested', { run, message, purpose: 'answer', model: 'm' }).write(message, text, fields)
  }

  /** What a model writes for a message that was requested. */
  write(id: string, text: string, fields: Partial<EventFields<'message.completed'>> = {}): this {
    const { run } = this.generate(id)
    if (text !== '') this.say('text.delta', { run, message: id, sequence: 1, text })
    return this.say('message.completed', { run, message: id, status: 'complete', reason: 'stop', ...fields })
  }

  /** What becomes of a message that no model could write. */
  fail(id: string, code: string): this {
    const { run } = this.generate(id)
    this.say('generation.failed', { run, message: id, attempt: 1, error: { code, message: 'No.' } })
    return this.say('message.completed', { run, message: id, status: 'partial', reason: 'provider_failed' })
  }

  /** A step of the run with one call. */
  call(run: string, name: string, input: unknown, output: unknown): this {
    const call = this.newId()
    const task = { run, call, name, input, repeatable: true }
    this.answer(run, '', { reason: 'tool_calls', tool_calls: [{ call, name, input }] }).say('tool.called', task)
    this.say('tool.started', { run, call, attempt: 1, worker: 'w' })
    return this.say('tool.completed', { run, call, output, duration_ms: 1 })
  }

  end(run: string): this {
    const { usage, steps } = this.run(run)
    return this.say('run.completed', { run, status: 'done', usage, steps, duration_ms: 1 })
  }

  run(id: string): RunState {
    const run = runOf(this.state, id)
    if (run === undefined) throw new Error(`no run ${id}`)
    return run
  }

  message(id: string): MessageState {
    const message = messageOf(this.state, id)
    if (message === undefined) throw new Error(`no message ${id}`)
    return message
  }

  /** What a model would be sent if it were asked for an answer now. */
  prompt(run: string, instructions: string, limits: Partial<EventFields<'message.requested'>> = {}): PromptMessage[] {
    const request = { run, message: 'next', purpose: 'answer' as const, model: 'm', instructions, ...limits }
    const event = draft('message.requested', request, this.now)
    return prompt(fold(this.state, { seq: this.state.seq + 1, event }), 'next')
  }

  private generate(message: string): { run: string } {
    const { run, purpose } = this.message(message)
    const about = { run: run!, message, provider: 'p', model: 'm' }
    this.say('message.started', { ...about, role: 'assistant', purpose: purpose! })
    this.say('generation.started', { ...about, attempt: 1, worker: 'w', reason: 'first', kept: 0 })
    return { run: run! }
  }
}
