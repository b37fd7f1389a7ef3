import { draft, type EventFields, type EventType, type Language, newId } from '@spool/events'
import type { Dialect, Ending, Frame } from '../src/dialect.ts'

/** A stream of a dialect that is told made-up events of the run `r`, at the positions 1, 2, 3 … */
export class Told<Options> {
  readonly first: readonly Frame[]
  readonly state: ReturnType<Dialect['open']>['state']
  private readonly dialect: Dialect<never, Options>
  private position = 0
  private readonly at = new Date('2026-11-20T10:00:00.000Z')

  constructor(dialect: unknown, options: Options, { language }: { language?: Language } = {}) {
    this.dialect = dialect as Dialect<never, Options>
    const opening = { session: 's', options, language, openedAt: this.at.getTime() }
    const { state, frames } = this.dialect.open(opening)
    this.state = state
    this.first = frames
  }

  /** What an event becomes. */
  tell<Type extends EventType>(type: Type, fields: Omit<EventFields<Type>, 'run'>): unknown[] {
    const event = draft(type, { run: 'r', ...fields } as never, this.at)
    const placed = { event, id: newId(), cursor: `1-${++this.position}` }
    return this.dialect.encode(placed, this.state).map(({ data }) => data)
  }

  /** The beginning of a run, up to the first word of its answer `m`. */
  begin(more: { language?: string } = {}): this {
    this.tell('run.started', { kind: 'agent', ...more })
    this.tell('message.added', { message: 'u', role: 'user', parts: [{ type: 'text', text: 'Hello?' }] })
    this.tell('message.requested', { message: 'm', purpose: 'answer', model: 'demo' })
    this.answer('m')
    return this
  }

  answer(message: string, purpose: 'answer' | 'plan' | 'memory' = 'answer'): void {
    this.tell('message.started', { message, role: 'assistant', purpose, ...model })
    this.attempt(message, 1, 0)
  }

  attempt(message: string, attempt: number, kept: number): unknown[] {
    const reason = attempt === 1 ? 'first' : 'takeover'
    return this.tell('generation.started', { message, attempt, worker: 'w', reason, kept, ...model })
  }

  text(text: string, message = 'm', sequence = 1): unknown[] {
    return this.tell('text.delta', { message, sequence, text })
  }

  complete(): unknown[] {
    return this.tell('run.completed', { status: 'done', usage: noUsage, steps: 1, duration_ms: 1 })
  }

  close(ending: Ending = 'finished'): unknown[] {
    return this.dialect.close(ending, this.state, { bytes: 0, frames: 0, ms: 0 }).map(({ data }) => data)
  }
}

const model = { provider: 'demo', model: 'demo' }
const noUsage = { input_tokens: 0, output_tokens: 0 }
