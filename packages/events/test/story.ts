import { expect } from 'vitest'
import {
  allows,
  draft,
  emptySession,
  fold,
  type EventFields,
  type EventType,
  type MessageState,
  type Placed,
  type RunState,
  type SessionState,
} from '../src/index.ts'

const START = Date.parse('2026-11-20T09:50:00.000Z')
const USAGE = { input_tokens: 10, output_tokens: 5 }

/** Tells a session event by event; each is 100 ms after the one before and must be allowed. */
export class Story {
  state: SessionState = emptySession()
  readonly log: Placed[] = []

  say<Type extends EventType>(type: Type, fields: EventFields<Type>): this {
    const event = draft(type, fields, new Date(START + this.log.length * 100))
    expect(allows(this.state, event), `${type} is allowed`).toBeNull()
    return this.tell({ seq: this.state.seq + 1, event })
  }

  tell(placed: Placed): this {
    this.log.push(placed)
    this.state = fold(this.state, placed)
    return this
  }

  /** A run starts with a person's words. */
  ask(run: string, text: string, terms: Partial<EventFields<'run.started'>> = {}): this {
    return this.say('run.started', { run, kind: 'agent', agent: 'demo', input: `${run}-user`, ...terms }).say(
      'message.added',
      { run, message: `${run}-user`, role: 'user', parts: [{ type: 'text', text }] },
    )
  }

  request(run: string, message: string, fields: Partial<EventFields<'message.requested'>> = {}): this {
    return this.say('message.requested', { run, message, purpose: 'answer', model: 'default', ...fields })
  }

  generate(run: string, message: string): this {
    const purpose = this.message(message).purpose ?? 'answer'
    return this.say('message.started', {
      run,
      message,
      role: 'assistant',
      purpose,
      provider: 'demo',
      model: 'demo',
    }).say('generation.started', {
      run,
      message,
      attempt: 1,
      worker: 'w1',
      provider: 'demo',
      model: 'demo',
      reason: 'first',
      kept: 0,
    })
  }

  stream(run: string, message: string, ...texts: readonly string[]): this {
    for (const text of texts) {
      this.say('text.delta', { run, message, sequence: this.message(message).sequences.text + 1, text })
    }
    return this
  }

  close(run: string, message: string, fields: Partial<EventFields<'message.completed'>> = {}): this {
    return this.say('message.completed', { run, message, status: 'complete', reason: 'stop', usage: USAGE, ...fields })
  }

  /** A model's whole message. */
  write(run: string, message: string, text: string, fields: Partial<EventFields<'message.requested'>> = {}): this {
    return this.request(run, message, fields).generate(run, message).stream(run, message, text).close(run, message)
  }

  end(run: string): this {
    return this.say('run.completed', { run, status: 'done', usage: this.run(run).usage, steps: 1, duration_ms: 1 })
  }

  message(id: string): MessageState {
    return found(this.state.messages, id)
  }

  run(id: string): RunState {
    return found(this.state.runs, id)
  }
}

function found<Item extends { readonly id: string }>(items: readonly Item[], id: string): Item {
  const item = items.find((candidate) => candidate.id === id)
  if (item === undefined) throw new Error(`no ${id}`)
  return item
}
